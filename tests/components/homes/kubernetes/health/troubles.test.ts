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

test("TroubleTimer ends the wait when trouble has lasted its permitted time", () => {
  expect(timer.look([refused], 0)).toBeUndefined();
  expect(timer.look([refused], MINUTE - 1)).toBeUndefined();
  expect(timer.look([refused], MINUTE)).toBe(refused);
});

test("TroubleTimer restarts the time of trouble that passed in between", () => {
  timer.look([refused], 0);
  timer.look([], MINUTE / 2);
  expect(timer.look([refused], MINUTE)).toBeUndefined();
  expect(timer.look([refused], 2 * MINUTE)).toBe(refused);
});

test("TroubleTimer gives even permanent trouble the minimum time", () => {
  expect(timer.look([malformed], 0)).toBeUndefined();
  expect(timer.look([malformed], LEAST)).toBe(malformed);
});

test("TroubleTimer uses the shorter time for trouble that alternates between two kinds", () => {
  timer.look([unavailable], 0);
  timer.look([refused], 1);
  expect(timer.look([unavailable], MINUTE)).toBe(unavailable);
  const patient = new TroubleTimer(MINUTE, LEAST);
  patient.look([unavailable], 0);
  expect(patient.look([unavailable], MINUTE)).toBeUndefined();
  expect(patient.look([unavailable], 5 * MINUTE)).toBe(unavailable);
});

test("TroubleTimer times each object's trouble separately", () => {
  timer.look([refused], 0);
  const other = { ...refused, headline: "Job c: image" };
  expect(timer.look([other], MINUTE)).toBeUndefined();
});

test("TroubleTimer never ends the wait for a finding that usually passes", () => {
  const slow: Finding = { headline: "Pod d cannot be scheduled", details: [] };
  timer.look([slow], 0);
  expect(timer.look([slow], 1000 * MINUTE)).toBeUndefined();
});

test("TroubleTimer ends the wait for a second finding too", () => {
  timer.look([unavailable, refused, malformed], 0);
  expect(timer.look([{ headline: "e", details: [] }, malformed], LEAST)).toBe(malformed);
});
