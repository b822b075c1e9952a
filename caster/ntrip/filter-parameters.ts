// The parameters of a sourcetable query: `auth&strict=1&filter=STR;;;`. Knows their names, nothing of what they say.
// '&' also means AND inside a filter, so it separates only in front of one of the four names.

export interface Parameter {
  /** Undefined for a bare filter, and for what nobody knows. */
  name: 'filter' | 'match' | 'strict' | 'auth' | undefined;
  value: string;
  at: number;
}

const PARAMETER = /(?:^|&)(filter|match|strict|auth)(?:=|(?=&|$))/gi;

/** In the order of the query, which is decoded; bare text may be empty. */
export function splitParameters(text: string): Parameter[] {
  const found = [...text.matchAll(PARAMETER)];
  const named = found.flatMap((match, i): Parameter[] => {
    const at = match.index + match[0].length;
    const name = parameterName(match[1]);
    const value = text.slice(at, found[i + 1]?.index ?? text.length);
    const end = name === 'auth' || name === 'strict' ? value.indexOf('&') : -1;
    if (end < 0) return [{ name, value, at }];
    const bare = { name: undefined, value: value.slice(end + 1), at: at + end + 1 };
    return [{ name, value: value.slice(0, end), at }, bare];
  });
  return [{ name: undefined, value: text.slice(0, found[0]?.index ?? text.length), at: 0 }, ...named];
}

function parameterName(text: string | undefined): Parameter['name'] {
  const name = text?.toLowerCase();
  return name === 'filter' || name === 'match' || name === 'strict' || name === 'auth' ? name : undefined;
}
