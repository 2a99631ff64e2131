import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/model/errors.ts";
import { addressOf, describeRedis } from "../../src/system/redis-source.ts";

describe("the URL of a Redis", () => {
  it.each([
    ["redis://db1", { scheme: "redis", host: "db1", port: 6379, db: 0 }],
    [
      "redis://ann:p%40ss@db1:7000/3",
      { scheme: "redis", host: "db1", port: 7000, db: 3, username: "ann", password: "p@ss" },
    ],
    [
      "rediss://:secret@[::1]:6380/",
      { scheme: "rediss", host: "::1", port: 6380, db: 0, password: "secret" },
    ],
    ["unix:///run/my%20redis.sock?db=2", { scheme: "unix", path: "/run/my redis.sock", db: 2 }],
    ["unix://:secret@/run/r.sock", { scheme: "unix", path: "/run/r.sock", db: 0, password: "secret" }],
  ])("reads %s", (url, address) => {
    expect(addressOf({ url })).toEqual(address);
  });

  it.each([
    ["http://db1", "redis://HOST:6379"],
    ["db1:6379", "redis://HOST:6379"],
    ["not a url", "redis://HOST:6379"],
    ["redis+sentinel://a,b/mymaster", "redis://HOST:6379"],
    ["redis://db1/live", "database of the Redis is a number"],
    ["redis://db1?family=6", "family"],
    ["redis://u:se%cret@db1", "%25"],
    ["unix://run/r.sock", "three slashes"],
    ["redis://", "HOST"],
  ])("refuses %s with a message that helps", (url, part) => {
    expect(() => addressOf({ url })).toThrow(UsageError);
    expect(() => addressOf({ url })).toThrow(part);
  });

  it("never shows a password", () => {
    expect(describeRedis({ url: "redis://ann:hunter2@db1:6379/1" })).toBe("redis://ann:***@db1:6379/1");
    expect(describeRedis({ url: "rediss://:hunter2@[::1]:1" })).toBe("rediss://:***@[::1]:1");
    expect(describeRedis({ url: "unix://:hunter2@/r.sock?db=1" })).toBe("unix://:***@/r.sock?db=1");
    for (const url of ["redis://ann:hunter2%@db1", "htp://ann:hunter2@db1", "redis://ann:hunter2#x@db1"]) {
      expect(describeRedis({ url })).not.toContain("hunter2");
      expect(() => addressOf({ url })).toThrow(expect.not.stringContaining("hunter2"));
    }
  });
});
