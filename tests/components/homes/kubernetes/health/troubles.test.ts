import {
  type Finding,
  TroubleTimer,
} from "../../../../../components/homes/kubernetes/health/troubles";

const MINUTE = 60_000;
const LEAST = 15_000;

const refused: Finding = { trouble: "image refused", headline: "Job a: image", details: [] };
const unavailable: Finding = { ...refused, trouble: "image unavailable" };
const malformed: Finding = { trouble: "image name", headline: "Pod b", details: [] };

let timer: TroubleTimer;

beforeEach(() => {
  timer = new TroubleTimer(MINUTE, LEAST);
});

test("trouble ends the wait when it has lasted as long as its kind may", () => {
  expect(timer.look([refused], 0)).toBeUndefined();
  expect(timer.look([refused], MINUTE - 1)).toBeUndefined();
  expect(timer.look([refused], MINUTE)).toBe(refused);
});

test("trouble that passed in between begins anew", () => {
  timer.look([refused], 0);
  timer.look([], MINUTE / 2);
  expect(timer.look([refused], MINUTE)).toBeUndefined();
  expect(timer.look([refused], 2 * MINUTE)).toBe(refused);
});

test("even a hopeless trouble may be from before the change that mends it", () => {
  expect(timer.look([malformed], 0)).toBeUndefined();
  expect(timer.look([malformed], LEAST)).toBe(malformed);
});

test("trouble that goes by two names in turn has the shorter time, from its beginning", () => {
  timer.look([unavailable], 0);
  timer.look([refused], 1);
  expect(timer.look([unavailable], MINUTE)).toBe(unavailable);
  const patient = new TroubleTimer(MINUTE, LEAST);
  patient.look([unavailable], 0);
  expect(patient.look([unavailable], MINUTE)).toBeUndefined();
  expect(patient.look([unavailable], 5 * MINUTE)).toBe(unavailable);
});

test("trouble of one object does not count for another", () => {
  timer.look([refused], 0);
  const other = { ...refused, headline: "Job c: image" };
  expect(timer.look([other], MINUTE)).toBeUndefined();
});

test("finding that usually passes never ends the wait", () => {
  const slow: Finding = { headline: "Pod d cannot be scheduled", details: [] };
  timer.look([slow], 0);
  expect(timer.look([slow], 1000 * MINUTE)).toBeUndefined();
});

test("second finding ends the wait, too", () => {
  timer.look([unavailable, refused, malformed], 0);
  expect(timer.look([{ headline: "e", details: [] }, malformed], LEAST)).toBe(malformed);
});
