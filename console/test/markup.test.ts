import { expect, test } from "vitest";
import { chosen, moved, pieces } from "../src/parts/markup";

const tag = (start: number, end: number, entity = "city") => ({ start, end, entity });

test("an utterance is cut where its tags are, and a tag that does not fit is left out", () => {
  expect(pieces("from Bonn to Rome", [tag(13, 17), tag(5, 9), tag(7, 12), tag(16, 40)])).toEqual([
    { text: "from " },
    { text: "Bonn", entity: "city" },
    { text: " to " },
    { text: "Rome", entity: "city" },
  ]);
  expect(pieces("", [tag(0, 0)])).toEqual([]);
});

test("tags behind a change move along, and those that it touches go", () => {
  const tags = [tag(5, 9), tag(13, 17)];
  expect(moved(tags, "from Bonn to Rome", "right from Bonn to Rome")).toEqual([tag(11, 15), tag(19, 23)]);
  expect(moved(tags, "from Bonn to Rome", "from Born to Rome")).toEqual([tag(13, 17)]);
  expect(moved(tags, "from Bonn to Rome", "from Bonn")).toEqual([tag(5, 9)]);
});

test("the white space around the chosen words is left out, and words of a tag are not chosen twice", () => {
  expect(chosen("to Rome now", 2, 8, [])).toEqual([3, 7]);
  expect(chosen("to Rome now", 2, 3, [])).toBeUndefined();
  expect(chosen("to Rome now", 4, 11, [tag(3, 7)])).toBeUndefined();
});
