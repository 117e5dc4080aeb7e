/**
 * A policy document as every answer of IAM shows it: percent-encoded UTF-8 of which only RFC 3986's unreserved characters
 * stay, the text otherwise as its author wrote it: reference/iam-sts.md §1.2.
 */
export function encodedDocument(document: string): string {
  return encodeURIComponent(document).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
