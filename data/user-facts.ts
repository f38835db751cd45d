/** Facts about a user by index, without a table: names, addresses, programs. Pure. */
import { splitWords } from "../components/text/words";
import type { Random } from "./random";
import { elementAt, hashOf } from "./index-hash";
import { Choice } from "./weighted";

const FIRST = splitWords(`
  ada alan amir anna aoife bruno carla chen clara daniel diego elena emma erik fatima felix grace
  hana hugo ines ivan jana jonas julia kai kofi lara leon lena luca maria marta max mei mia milan
  nadia nils noah nora olga omar pablo petra priya rania rosa sam sara sven tara tim vera wei yara
  yusuf zoe`);
const LAST = splitWords(`
  adams ahmed andersen bauer becker bianchi brown chen costa cruz diaz dubois evans fischer garcia
  gomez haas hansen hughes ito jansen jensen jones kaur keller khan kim koch kowalski kumar lang
  larsen lee lopez martin meyer moreau mueller nguyen novak okafor olsen patel peters popov rossi
  roth ryan sato schmidt silva singh smith suzuki tanaka torres varga vogel wagner walsh weber
  wilson wong yilmaz young`);

/** Every 50th user is a program: a pipeline, an agent, a scheduler. */
const PROGRAM_EVERY = 50;
const PROGRAMS = ["agent", "backup", "ci", "deploy", "report", "scheduler", "sync"];

export function isProgram(user: number): boolean {
  return user % PROGRAM_EVERY === PROGRAM_EVERY - 1;
}

/** A username, unique because it ends with the index. */
export function username(user: number): string {
  const first = elementAt(isProgram(user) ? PROGRAMS : FIRST, hashOf(user, 1));
  return `${first}.${isProgram(user) ? "svc" : elementAt(LAST, hashOf(user, 2))}.${user}`;
}

/** One of a user's few addresses: an office gateway, home, or occasionally a phone by IPv6. */
export function address(user: number, random: Random): string {
  const which = isProgram(user) ? 0 : PLACES.pick(random);
  const home = hashOf(user, 3);
  if (isProgram(user)) return `10.20.${home % 64}.${((home >>> 8) % 254) + 1}`;
  // At least a hundred people share an office gateway.
  if (which === 0) return `198.51.100.${1 + (user % 200)}`;
  if (which === 1)
    return `100.${64 + (home % 64)}.${(home >>> 8) % 256}.${1 + ((home >>> 16) % 254)}`;
  return `2001:db8:${(home % 4096).toString(16)}:${(home >>> 16).toString(16)}::${random.below(16).toString(16)}`;
}

/** Office, home, phone. */
const PLACES = new Choice<number>([
  [0, 60],
  [1, 32],
  [2, 8],
]);

const BROWSERS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
];
const CLIENTS = ["sark-cli/2.3.1", "python-httpx/0.28.1", "Go-http-client/2.0", "sark-cli/2.2.0"];

/** A user's usual client program, or occasionally another one. */
export function userAgent(user: number, random: Random): string {
  const list = isProgram(user) ? CLIENTS : BROWSERS;
  // The product of two numbers below 1 is mostly small: the first entries are the common ones.
  const usual = Math.floor(((hashOf(user, 4) % 1000) / 1000) ** 2 * list.length);
  return elementAt(list, random.chance(0.9) ? usual : usual + 1);
}
