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
  expect(timer.findExpired([refused], 0)).toBeUndefined();
  expect(timer.findExpired([refused], MINUTE - 1)).toBeUndefined();
  expect(timer.findExpired([refused], MINUTE)).toBe(refused);
});

test("TroubleTimer restarts the time of trouble that passed in between", () => {
  timer.findExpired([refused], 0);
  timer.findExpired([], MINUTE / 2);
  expect(timer.findExpired([refused], MINUTE)).toBeUndefined();
  expect(timer.findExpired([refused], 2 * MINUTE)).toBe(refused);
});

test("TroubleTimer gives even permanent trouble the minimum time", () => {
  expect(timer.findExpired([malformed], 0)).toBeUndefined();
  expect(timer.findExpired([malformed], LEAST)).toBe(malformed);
});

test("TroubleTimer uses the shorter time for trouble that alternates between two kinds", () => {
  timer.findExpired([unavailable], 0);
  timer.findExpired([refused], 1);
  expect(timer.findExpired([unavailable], MINUTE)).toBe(unavailable);
  const patient = new TroubleTimer(MINUTE, LEAST);
  patient.findExpired([unavailable], 0);
  expect(patient.findExpired([unavailable], MINUTE)).toBeUndefined();
  expect(patient.findExpired([unavailable], 5 * MINUTE)).toBe(unavailable);
});

test("TroubleTimer times each object's trouble separately", () => {
  timer.findExpired([refused], 0);
  const other = { ...refused, headline: "Job c: image" };
  expect(timer.findExpired([other], MINUTE)).toBeUndefined();
});

test("TroubleTimer never ends the wait for a finding that usually passes", () => {
  const slow: Finding = { headline: "Pod d cannot be scheduled", details: [] };
  timer.findExpired([slow], 0);
  expect(timer.findExpired([slow], 1000 * MINUTE)).toBeUndefined();
});

test("TroubleTimer ends the wait for a second finding too", () => {
  timer.findExpired([unavailable, refused, malformed], 0);
  expect(timer.findExpired([{ headline: "e", details: [] }, malformed], LEAST)).toBe(malformed);
});
