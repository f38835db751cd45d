import * as fc from "fast-check";
import { lineFinder } from "../../../components/text/line-numbers";

it("lineFinder gives every byte its line", () => {
  const text = fc.string({ unit: fc.constantFrom("\n", "a", "é", "€", "😀", "\r") });
  fc.assert(
    fc.property(text, (sql) => {
      const bytes = Buffer.from(sql);
      const lineAt = lineFinder(sql);
      for (let at = 0; at <= bytes.length; at += 1) {
        expect(lineAt(at)).toBe(bytes.subarray(0, at).toString().split("\n").length);
      }
    }),
  );
});

it("lineFinder counts a newline to the line that it ends", () => {
  expect([0, 1, 2, 3, 4].map(lineFinder("a\n\nb"))).toEqual([1, 1, 2, 3, 3]);
});
