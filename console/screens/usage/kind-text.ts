// What kind of charge it is; one that this console does not know is shown by its name.

export function kindText(texts: Readonly<Record<string, string>>, kind: string): string {
  return texts[kind] ?? kind;
}
