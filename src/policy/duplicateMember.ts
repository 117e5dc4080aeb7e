/**
 * A member name that some object of a JSON text has twice; undefined when there is none. `JSON.parse` keeps the last of
 * the two and says nothing, and another reader may keep the first: two readings of one policy.
 * @param text valid JSON
 */
export function duplicateMember(text: string): string | undefined {
  const names: (Set<string> | undefined)[] = []; // one for each open bracket; undefined for a list
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g;
  let last: string | undefined;
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const token = match[0];
    if (token === "{") names.push(new Set());
    else if (token === "[") names.push(undefined);
    else if (token === "}" || token === "]") names.pop();
    else if (token === ":") {
      const name: string = JSON.parse(last as string);
      const open = names.at(-1) as Set<string>;
      if (open.has(name)) return name;
      open.add(name);
    } else if (token !== ",") last = token;
  }
  return undefined;
}
