import fc from "fast-check";
import { activeSlot, type Slot, slotGeneration } from "../../../../components/roles/plan/role-plan";
import { idleSlot, rotationProblem } from "../../../../components/roles/plan/rotation-plan";

/** How far a run gets: only the guard's record, also the new password, or to the end. */
type Reach = "guard" | "password" | "end";

/** Records and passwords of a stack, by slot, after runs. */
class Stack {
  readonly #records = new Map<Slot, number>();
  readonly generations = new Map<Slot, number>();
  /** Active slot of the last completed run; the application uses it. */
  inUse: Slot | undefined;

  /** @returns why the run was rejected */
  up(rotation: number, reach: Reach = "end"): string | undefined {
    const [idle, active] = [idleSlot(rotation), activeSlot(rotation)];
    const recorded = this.#records.get(idle);
    const problem = recorded === undefined ? undefined : rotationProblem(recorded, rotation);
    if (problem !== undefined) return problem;
    this.#records.set(idle, rotation);
    if (reach === "guard") return undefined;
    for (const slot of [idle, active]) {
      this.generations.set(slot, slotGeneration(slot, rotation));
    }
    if (reach === "password") return undefined;
    this.#records.set(active, rotation);
    this.inUse = active;
    return undefined;
  }
}

const run = fc.record({
  rotation: fc.integer({ min: 1, max: 8 }),
  reach: fc.constantFrom<Reach>("guard", "password", "end"),
});

it("rotation never changes the password of logins in use, in any sequence of complete and interrupted runs", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(run, { maxLength: 12 }), (first, runs) => {
      const stack = new Stack();
      stack.up(first);
      for (const { rotation, reach } of runs) {
        const { inUse } = stack;
        const before = inUse && stack.generations.get(inUse);
        stack.up(rotation, reach);
        expect(inUse && stack.generations.get(inUse)).toBe(before);
      }
    }),
    { numRuns: 2000 },
  );
});

it("rotation accepts only the same number and the next one", () => {
  for (let at = 1; at < 10; at++) {
    const taken = Array.from({ length: 12 }, (_, n) => n + 1).filter((rotation) => {
      const stack = new Stack();
      stack.up(at);
      return stack.up(rotation) === undefined;
    });
    expect(taken).toEqual([at, at + 1]);
  }
});

it.each(["guard", "password"] as const)(
  "rotation step interrupted after its %s can be repeated or reverted, but not followed by another",
  (reach) => {
    const ended = () => {
      const stack = new Stack();
      stack.up(1);
      stack.up(2, reach);
      return stack;
    };
    expect(ended().up(2)).toBeUndefined();
    expect(ended().up(1)).toBeUndefined();
    expect(ended().up(3)).toContain("the stack is at 1; allowed: 1 or 2");
    expect(ended().up(4)).toMatch(/^sark-databases:rotation is 4: /);
  },
);

it("rotation of a stack without records accepts any step once", () => {
  expect(new Stack().up(7)).toBeUndefined();
});

it.each([
  [
    1,
    3,
    "sark-databases:rotation is 3: the stack is at 1; allowed: 1 or 2. More than one step would change the passwords of the logins ending in _a, such as sark_app_a, which the application uses. Set 2 and run up, move the application to the logins ending in _b, then set 3",
  ],
  [
    2,
    1,
    "sark-databases:rotation is 1, the default: the stack is at 2; allowed: 2 or 3. A step back would change the passwords of the logins ending in _b, such as sark_app_b, which the application uses. Set 2 again; the logins ending in _a keep their passwords as well. For new passwords, move the application to those ending in _b and set 3",
  ],
])("rotation from %d to %d is rejected with cause and remedy", (at, wanted, text) => {
  const stack = new Stack();
  stack.up(at);
  expect(stack.up(wanted)).toBe(text);
});
