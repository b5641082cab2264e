import { expect, test } from "vitest";
import { readTemplate, safeLink } from "../src/parts/template";
import { nameError } from "../src/parts/appActs";
import { keyError } from "../src/parts/KeyField";
import { payloadError } from "../src/parts/PayloadKey";
import { safePath } from "../src/router";

test("only http and https addresses may be opened", () => {
  expect(safeLink("https://example.org/a")).toBe("https://example.org/a");
  for (const bad of ["javascript:alert(1)", "data:text/html,x", "//x", "", 3, null]) {
    expect(safeLink(bad)).toBeUndefined();
  }
});

test("a template gives text and buttons, however it is wrapped", () => {
  const inner = {
    template_type: "button",
    text: "Choose",
    buttons: [
      { type: "postback", title: "One", payload: "1" },
      { type: "web_url", title: "Site", url: "https://example.org/" },
      { type: "web_url", title: "Bad", url: "javascript:alert(1)" },
    ],
  };
  const expected = [
    { title: "One", say: "1" },
    { title: "Site", href: "https://example.org/" },
    { title: "Bad", say: "Bad" },
  ];
  for (const payload of [inner, { type: "template", payload: inner }, JSON.stringify(inner)]) {
    const template = readTemplate(payload);
    expect(template.text).toBe("Choose");
    expect(template.actions).toEqual(expected);
  }
});

test("an unknown template comes back as raw text", () => {
  expect(readTemplate({ template_type: "odd", x: "<b>" }).raw).toContain("<b>");
});

test("names of apps are checked as documented", () => {
  expect(nameError("  ", [])).not.toBeNull();
  expect(nameError("x".repeat(65), [])).not.toBeNull();
  expect(nameError("a\u0007b", [])).not.toBeNull();
  expect(nameError("parcel", ["Parcel"])).not.toBeNull();
  expect(nameError("x".repeat(64), ["Parcel"])).toBeNull();
});

test("only a path of this console is come back to", () => {
  expect(safePath("/builder/x?app=1")).toBe("/builder/x?app=1");
  for (const bad of ["//evil.example", "/\\evil.example", "https://evil.example", "builder", 1]) {
    expect(safePath(bad)).toBeUndefined();
  }
});

test("a private key is refused before it is sent", () => {
  expect(keyError("-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----")).toBeNull();
  expect(keyError('{"kty":"EC","crv":"P-256","x":"a","y":"b"}')).toBeNull();
  for (const bad of ["", "-----BEGIN RSA PRIVATE KEY-----", '{"kty":"EC","d" : "x"}', '{"kty":"oct","k":"x"}']) {
    expect(keyError(bad), bad).not.toBeNull();
  }
});

test("a symmetric payload key is base64 of exactly 32 bytes", () => {
  const key = (bytes: number) => Buffer.alloc(bytes, 7).toString("base64");
  expect(payloadError({ mode: "symmetric", key: key(32) })).toBeNull();
  for (const bad of ["", "secret", key(16), key(31), key(33), key(64)]) {
    expect(payloadError({ mode: "symmetric", key: bad }), bad).not.toBeNull();
  }
});
