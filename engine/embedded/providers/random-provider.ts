import { randomBytes, randomInt } from "node:crypto";
import type { Wire, WireObject } from "../../wire";
import { PlainProvider, type CheckFailure, type Existing, type Judgement } from "./provider";
import { quoted } from "../../../components/text/printable";

/** One type of the `random` package: a value is drawn once and kept; any change of the inputs draws a new one. */
interface RandomType {
  /** The provider's own defaults: writing one out is no change. */
  readonly defaults: WireObject;
  readonly secretOutputs: readonly string[];
  problems(inputs: WireObject): readonly CheckFailure[];
  draw(inputs: WireObject): { readonly id: string; readonly outputs: WireObject };
}

export class RandomProvider extends PlainProvider {
  override readonly secretOutputs: readonly string[];

  constructor(private readonly type: RandomType) {
    super();
    this.secretOutputs = type.secretOutputs;
  }

  protected override problems(news: WireObject): readonly CheckFailure[] {
    return this.type.problems(this.normalise(news));
  }

  override normalise(inputs: WireObject): WireObject {
    return { ...this.type.defaults, ...inputs };
  }

  override diff(_old: Existing, _news: WireObject, changedKeys: readonly string[]) {
    const judgement: Judgement = {
      changes: changedKeys.length > 0,
      replaces: changedKeys,
      deleteBeforeReplace: false,
    };
    return Promise.resolve(judgement);
  }

  create(news: WireObject) {
    const inputs = this.normalise(news);
    const { id, outputs } = this.type.draw(inputs);
    return Promise.resolve({ id, outputs: { ...inputs, ...outputs } });
  }

  /** Every change replaces, so this only records inputs after an interrupted run. */
  update(old: Existing, news: WireObject) {
    return Promise.resolve({ outputs: { ...old.outputs, ...news } });
  }

  delete(): Promise<void> {
    return Promise.resolve();
  }
}

const ALPHABETS = [
  { switch: "lower", least: "minLower", characters: "abcdefghijklmnopqrstuvwxyz" },
  { switch: "upper", least: "minUpper", characters: "ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
  { switch: "numeric", least: "minNumeric", characters: "0123456789" },
  // The random provider's own list.
  { switch: "special", least: "minSpecial", characters: "!@#$%&*()-_=+[]{}<>:?" },
] as const;

const PASSWORD: RandomType = {
  defaults: {
    lower: true,
    minLower: 0,
    minNumeric: 0,
    minSpecial: 0,
    minUpper: 0,
    numeric: true,
    special: true,
    upper: true,
  },
  secretOutputs: ["result", "bcryptHash"],

  problems(inputs) {
    const length = lengthProblem(inputs, "length");
    if (length.length > 0 || inputs["length"] === undefined) return length;
    const least = ALPHABETS.reduce((sum, { least }) => sum + number(inputs[least]), 0);
    if (typeof inputs["length"] === "number" && least > inputs["length"]) {
      return [
        {
          property: "length",
          reason: `length is ${inputs["length"]}, but the min* settings ask for ${least} characters`,
        },
      ];
    }
    return alphabets(inputs).some(({ characters }) => characters.length > 0)
      ? []
      : [{ property: "special", reason: "every kind of character is switched off" }];
  },

  draw(inputs) {
    const allowed = alphabets(inputs);
    const all = allowed.map(({ characters }) => characters).join("");
    const required = allowed.flatMap(({ least, characters }) =>
      Array.from({ length: least }, () => pick(characters)),
    );
    const rest = Array.from({ length: number(inputs["length"]) - required.length }, () =>
      pick(all),
    );
    // `bcryptHash` is left out: nothing here can compute it, and an absent output is undefined to the program.
    return { id: "none", outputs: { result: shuffle([...required, ...rest]).join("") } };
  },
};

function alphabets(inputs: WireObject): readonly { least: number; characters: string }[] {
  const override = inputs["overrideSpecial"];
  return (
    ALPHABETS.filter(({ switch: key }) => inputs[key] !== false && inputs[key] !== "false")
      // `number` is the old name of `numeric`.
      .filter(({ switch: key }) => key !== "numeric" || inputs["number"] !== false)
      .map(({ switch: key, least, characters }) => ({
        least: number(inputs[least]),
        characters:
          key === "special" && typeof override === "string" && override !== ""
            ? override
            : characters,
      }))
  );
}

/** `randomInt` draws without bias. */
function pick(characters: string): string {
  return characters.charAt(randomInt(characters.length));
}

/** Fisher and Yates' shuffle. */
function shuffle(items: readonly string[]): readonly string[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    const [a, b] = [result[last] ?? "", result[other] ?? ""];
    result[last] = b;
    result[other] = a;
  }
  return result;
}

const ID: RandomType = {
  defaults: {},
  secretOutputs: [],
  problems: (inputs) => lengthProblem(inputs, "byteLength"),
  draw(inputs) {
    const bytes = randomBytes(number(inputs["byteLength"]));
    const prefix = typeof inputs["prefix"] === "string" ? inputs["prefix"] : "";
    const url = bytes.toString("base64url");
    return {
      id: url,
      outputs: {
        b64Url: prefix + url,
        b64Std: prefix + bytes.toString("base64"),
        hex: prefix + bytes.toString("hex"),
        dec: prefix + BigInt(`0x${bytes.toString("hex")}`).toString(),
      },
    };
  },
};

const BYTES: RandomType = {
  defaults: {},
  secretOutputs: ["base64", "hex"],
  problems: (inputs) => lengthProblem(inputs, "length"),
  draw(inputs) {
    const bytes = randomBytes(number(inputs["length"]));
    // The real provider uses the secret itself as the id, and ids are shown.
    return {
      id: "none",
      outputs: { base64: bytes.toString("base64"), hex: bytes.toString("hex") },
    };
  },
};

function lengthProblem(inputs: WireObject, key: string): readonly CheckFailure[] {
  const length = inputs[key];
  // A string is a value that is not known yet.
  if (typeof length === "string") return [];
  if (typeof length === "number" && Number.isInteger(length) && length >= 1) return [];
  return [
    {
      property: key,
      reason: `${key} must be a whole number from 1, not ${quoted(length)}`,
    },
  ];
}

function number(value: Wire | undefined): number {
  return typeof value === "number" ? value : 0;
}

export const RANDOM_TYPES: Readonly<Record<string, RandomType>> = {
  "random:index/randomPassword:RandomPassword": PASSWORD,
  "random:index/randomId:RandomId": ID,
  "random:index/randomBytes:RandomBytes": BYTES,
};
