import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Failure } from "../../../vocabulary/failure.ts";
import { geminiName, originalName } from "./tool-names.ts";

describe("geminiName", () => {
  test.each([
    ["get_weather", "get_weather"],
    ["mcp.files:read-all", "mcp.files:read-all"],
    ["1password", "_x_1password"],
    ["-dash_it", "_x_-dash_5f_it"],
    ["weather in °C", "_x_weather_20_in_20__b0_C"],
    ["_x_taken", "_x__5f_x_5f_taken"],
  ])("%s is %s there and back", (name, expected) => {
    expect(geminiName(name, "tools[0].name")).toBe(expected);
    expect(originalName(expected)).toBe(name);
  });

  test.each([
    ["an empty name", ""],
    ["a name too long", "a".repeat(129)],
    ["a name too long once rewritten", "°".repeat(40)],
  ])("%s is refused at its path", (_what, name) => {
    try {
      geminiName(name, "tools[3].name");
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(Failure);
      expect((error as Failure).facts.param).toBe("tools[3].name");
    }
  });

  test("every name of up to 20 characters fits and comes back", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 20 }), (name) => {
        const rewritten = geminiName(name, "name");
        expect(rewritten).toMatch(/^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/);
        expect(originalName(rewritten)).toBe(name);
      }),
    );
  });
});
