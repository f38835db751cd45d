import { randomBytes } from "node:crypto";
import {
  dummyVerifier,
  isScramVerifier,
  ScramServer,
} from "../../../../components/roles/plan/scram-server";
import { scramVerifier } from "../../../../components/roles/plan/scram";

/** The example of RFC 7677, section 3. */
const EXAMPLE = {
  verifier: scramVerifier("pencil", Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64")),
  nonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
  first: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
  challenge:
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
  last:
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0," +
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
  proof: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
};

function begun(verifier = EXAMPLE.verifier): ScramServer {
  const server = new ScramServer(verifier, EXAMPLE.nonce);
  server.challenge(EXAMPLE.first);
  return server;
}

it("ScramServer answers as in the example of RFC 7677", () => {
  const server = new ScramServer(EXAMPLE.verifier, EXAMPLE.nonce);
  expect(server.challenge(EXAMPLE.first)).toBe(EXAMPLE.challenge);
  expect(server.finish(EXAMPLE.last)).toBe(EXAMPLE.proof);
});

it("ScramServer rejects the proof of another password", () => {
  const salt = Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64");
  expect(begun(scramVerifier("pencils", salt)).finish(EXAMPLE.last)).toBeUndefined();
});

it.each([
  ["a nonce other than the server's", EXAMPLE.last.replace("hNlF", "hNlG")],
  ["only the client's nonce", EXAMPLE.last.replace(EXAMPLE.nonce, "")],
  ["a header other than at the start", EXAMPLE.last.replace("biws", "eSws")],
  ["no proof", EXAMPLE.last.replace(/,p=.*/, "")],
  ["an empty proof", EXAMPLE.last.replace(/,p=.*/, ",p=")],
  ["a proof that is too short", EXAMPLE.last.replace(/,p=.*/, ",p=AAAA")],
  ["nothing", ""],
])("ScramServer rejects a last message with %s", (_, last) => {
  const server = begun();
  expect(() => server.finish(last)).toThrow("malformed last SCRAM message");
});

it.each([
  ["channel binding", "p=tls-server-end-point,,n=,r=abc"],
  ["an authorization identity", "n,a=postgres,n=,r=abc"],
  ["no nonce", "n,,n=user"],
  ["a mandatory extension", "n,,m=ext,n=,r=abc"],
])("ScramServer rejects a first message with %s", (_, first) => {
  expect(() => new ScramServer(EXAMPLE.verifier).challenge(first)).toThrow("malformed first");
});

it("ScramServer rejects a last message before the first one", () => {
  expect(() => new ScramServer(EXAMPLE.verifier).finish(EXAMPLE.last)).toThrow("malformed last");
});

it("ScramServer creates a new nonce for each log-in", () => {
  const [one, two] = [1, 2].map(() => new ScramServer(EXAMPLE.verifier).challenge(EXAMPLE.first));
  expect(one).not.toBe(two);
});

describe("impossibleVerifier", () => {
  it("is stable, different for each login, and matches no password", () => {
    const secret = randomBytes(32);
    const verifier = dummyVerifier("nobody", secret);
    expect(isScramVerifier(verifier)).toBe(true);
    expect(dummyVerifier("nobody", secret)).toBe(verifier);
    expect(dummyVerifier("somebody", secret)).not.toBe(verifier);
    expect(begun(verifier).finish(EXAMPLE.last)).toBeUndefined();
  });
});
