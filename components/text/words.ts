/** Splits text at whitespace. */
export function splitWords(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
