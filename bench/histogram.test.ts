import assert from "node:assert/strict";
import { test } from "node:test";
import { Histogram } from "./histogram.ts";

test("percentiles of known distributions are within one percent", () => {
  const histogram = new Histogram();
  const values = Array.from({ length: 10_000 }, (_, i) => 0.003 * 1.0015 ** i); // 3 µs … 9.7 s, evenly on a log scale
  for (const value of values) histogram.record(value);
  assert.equal(histogram.total, values.length);
  for (const share of [0.01, 0.5, 0.9, 0.99, 0.999, 1]) {
    const exact = values[Math.ceil(share * values.length) - 1]!;
    const relativeError = Math.abs(histogram.percentile(share) - exact) / exact;
    assert.ok(relativeError < 0.01, `p${share * 100}: ${histogram.percentile(share)} for ${exact}`);
  }
});

test("small values are exact", () => {
  const histogram = new Histogram();
  for (const value of [0, 0.0001, 0.0063]) histogram.record(value);
  assert.equal(histogram.percentile(0.01), 0);
  assert.equal(histogram.percentile(0.5), 0.0001);
  assert.equal(histogram.percentile(1), 0.0063);
});

test("percentiles do not decrease, whatever was recorded", () => {
  const histogram = new Histogram();
  for (let i = 0; i < 5_000; i++) histogram.record(Math.exp(Math.random() * 20 - 9));
  let last = 0;
  for (let share = 0.001; share <= 1; share += 0.001) {
    const value = histogram.percentile(share);
    assert.ok(value >= last);
    last = value;
  }
});

test("values out of range are kept at its ends", () => {
  const histogram = new Histogram();
  histogram.record(-1);
  histogram.record(1e12);
  assert.equal(histogram.percentile(0.5), 0);
  assert.ok(histogram.percentile(1) > 420_000);
});

test("an empty histogram has no percentile, and clear empties", () => {
  const histogram = new Histogram();
  assert.ok(Number.isNaN(histogram.percentile(0.5)));
  histogram.record(5);
  histogram.clear();
  assert.equal(histogram.total, 0);
  assert.ok(Number.isNaN(histogram.percentile(0.5)));
});
