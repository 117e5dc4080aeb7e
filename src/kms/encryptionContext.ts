const NONE = Buffer.alloc(0);

/**
 * The encryption context as associated data: pairs sorted by name (order of UTF-8 bytes), each name and value as UTF-8
 * behind its length (32 bits, big-endian). Equal bytes mean equal contexts; no context and an empty one are the same.
 */
export function canonicalEncryptionContext(context: Record<string, string> | undefined): Buffer {
  if (context === undefined) return NONE;
  const names = Object.keys(context);
  if (names.length === 0) return NONE;
  if (names.length === 1) return canonicalPairs([[names[0] as string, context[names[0] as string] as string]]);
  return canonicalPairs(names.map((name) => [name, context[name] as string]));
}

function canonicalPairs(pairs: [string, string][]): Buffer {
  if (pairs.length > 1) pairs.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  let length = 0;
  for (const [name, value] of pairs) length += 8 + Buffer.byteLength(name) + Buffer.byteLength(value);
  const canonical = Buffer.allocUnsafe(length);
  let at = 0;
  for (const pair of pairs) {
    for (const text of pair) {
      const written = canonical.write(text, at + 4, "utf8");
      canonical.writeUInt32BE(written, at);
      at += 4 + written;
    }
  }
  return canonical;
}
