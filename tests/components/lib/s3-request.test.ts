import { signedGet } from "../../../components/lib/s3-request";

const keys = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const now = new Date("2013-05-24T00:00:00Z");

/** The example "List objects" of Amazon's documentation of Signature Version 4. */
test("request is signed as in Amazon's own example", () => {
  const url = new URL("https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J");
  expect(signedGet(url, "us-east-1", keys, now).headers).toEqual({
    host: "examplebucket.s3.amazonaws.com",
    "x-amz-date": "20130524T000000Z",
    "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    authorization:
      "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, " +
      "SignedHeaders=host;x-amz-content-sha256;x-amz-date, " +
      "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
  });
});

test("signature does not depend on the order of the query, and does on region and path", () => {
  const sign = (url: string, region = "us-east-1") =>
    signedGet(new URL(url), region, keys, now).headers["authorization"];
  const one = sign("https://s3.example.com/b?list-type=2&prefix=a%2Fb");
  expect(sign("https://s3.example.com/b?prefix=a%2Fb&list-type=2")).toBe(one);
  expect(sign("https://s3.example.com/c?list-type=2&prefix=a%2Fb")).not.toBe(one);
  expect(sign("https://s3.example.com/b?list-type=2&prefix=a%2Fb", "eu-central-1")).not.toBe(one);
  expect(one).not.toContain(keys.secretAccessKey);
});
