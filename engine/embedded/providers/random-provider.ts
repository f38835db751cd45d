import { randomBytes, randomInt } from "node:crypto";
import type { WireObject } from "../../wire";
import { checkSupportedInputs, type ResourceProvider } from "./provider";

/**
 * A type of the `random` package: its value is generated once and kept; any change of the inputs generates a new one.
 * @param reads the supported inputs
 * @param defaults the provider's defaults: setting one explicitly is no change
 */
function randomType(
  reads: readonly string[],
  defaults: WireObject,
  draw: (inputs: WireObject) => { readonly id: string; readonly outputs: WireObject },
): ResourceProvider {
  const normalise = (inputs: WireObject): WireObject => ({ ...defaults, ...inputs });
  return {
    check: checkSupportedInputs([...reads, "keepers"], defaults),
    normalise,
    diff: (_old, _news, changedKeys) => ({
      changes: changedKeys.length > 0,
      replaces: changedKeys,
      deleteBeforeReplace: false,
    }),
    create(news) {
      const inputs = normalise(news);
      const { id, outputs } = draw(inputs);
      return Promise.resolve({ id, outputs: { ...inputs, ...outputs } });
    },
    // Every change is a replacement, so this only records inputs.
    update: (old, news) => Promise.resolve({ ...old.outputs, ...news }),
    delete: () => Promise.resolve(),
  };
}

const LETTERS_AND_DIGITS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
/** The random provider's own list. */
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

const PASSWORD = randomType(
  ["length", "special"],
  {
    lower: true,
    minLower: 0,
    minNumeric: 0,
    minSpecial: 0,
    minUpper: 0,
    numeric: true,
    special: true,
    upper: true,
  },
  ({ length, special }) => {
    const characters = LETTERS_AND_DIGITS + (special === false ? "" : SPECIAL);
    if (!(Number(length) >= 1)) throw new Error("length must be a whole number from 1");
    // `randomInt` draws without bias.
    const pick = () => characters.charAt(randomInt(characters.length));
    // Without `bcryptHash`, which cannot be computed here. A missing output is undefined to the program.
    return {
      id: "none",
      outputs: { result: Array.from({ length: Number(length) }, pick).join("") },
    };
  },
);

const ID = randomType(["byteLength", "prefix"], {}, ({ byteLength, prefix }) => {
  const bytes = randomBytes(Number(byteLength));
  const [url, hex] = [bytes.toString("base64url"), bytes.toString("hex")];
  const prefixed = (text: string) => `${typeof prefix === "string" ? prefix : ""}${text}`;
  return {
    id: url,
    outputs: {
      b64Url: prefixed(url),
      b64Std: prefixed(bytes.toString("base64")),
      hex: prefixed(hex),
      dec: prefixed(BigInt(`0x${hex}`).toString()),
    },
  };
});

export const RANDOM_TYPES: Readonly<Record<string, ResourceProvider>> = {
  "random:index/randomPassword:RandomPassword": PASSWORD,
  "random:index/randomId:RandomId": ID,
};
