/** Names that are written one behind the other. */
export function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
