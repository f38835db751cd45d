/**
 * Safe steps of a password rotation. After each step one login of a pair is active, and the previous one still works. A
 * safe step changes only the password of the idle one. Each login's record holds the rotation that it went through.
 */
import { activeSlot, slotGeneration, type Slot } from "./role-plan";

/** The idle slot of a rotation; the step to this rotation must not change its password. */
export function idleSlot(rotation: number): Slot {
  return activeSlot(rotation) === "a" ? "b" : "a";
}

/**
 * Why a rotation is rejected; undefined if the step is safe.
 * @param recorded rotation in the record of the login that is idle after the step
 */
export function rotationProblem(recorded: number, wanted: number): string | undefined {
  const idle = idleSlot(wanted);
  if (slotGeneration(idle, recorded) === slotGeneration(idle, wanted)) return undefined;
  const [used, other] = [activeSlot(recorded), idleSlot(recorded)];
  const value = wanted === 1 ? "1, the default" : wanted;
  const [step, remedy] =
    wanted < recorded
      ? [
          "A step back",
          `Set ${recorded} again; the logins ending in _${other} keep their passwords as well. For new passwords, move the ` +
            `application to those ending in _${used} and set ${recorded + 1}`,
        ]
      : [
          "More than one step",
          `Set ${recorded + 1} and run up, move the application to the logins ending in _${other}, then set ${recorded + 2}`,
        ];
  return (
    `sark-databases:rotation is ${value}: the stack is at ${recorded}; allowed: ${recorded} or ${recorded + 1}. ` +
    `${step} would change the passwords of the logins ending in _${used}, such as sark_app_${used}, which the application uses. ` +
    remedy
  );
}
