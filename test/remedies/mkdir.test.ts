import {
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { targetOf } from "../support/look.ts";
import { remedyRig } from "../support/remedy-rig.ts";
import { scratch } from "../support/scratch.ts";

const isRoot = process.geteuid?.() === 0;

test("missing folders are made with their mode whatever the umask, those that are there are left", async () => {
  const base = scratch();
  mkdirSync(join(base, "there"), { mode: 0o700 });
  const directories = ["there", { path: "a/b", mode: "775" }];
  const target = targetOf("requires", { directories }, { base });
  const umask = process.umask(0o077);
  try {
    const { said, details } = await remedyRig().apply("mkdir", target);
    expect(said).toEqual([`make the folder ${join(base, "a/b")} with mode 775`]);
    expect(details).toEqual({ made: [join(base, "a"), join(base, "a/b")] });
  } finally {
    process.umask(umask);
  }
  expect(["there", "a", "a/b"].map((name) => statSync(join(base, name)).mode & 0o777)).toEqual([
    0o700, 0o755, 0o775,
  ]);
});

test("nothing is made outside of the allowed folders, not by dots, links or absolute paths", async () => {
  const [base, outside] = [scratch(), scratch()];
  mkdirSync(join(base, "in"));
  symlinkSync(outside, join(base, "in/out"));
  const rig = remedyRig();
  for (const path of ["../x", "beside", "in/../beside", "in/out/x", join(outside, "x"), "inside-not"]) {
    const written = { directories: ["in/fine", path], allow: { mkdir: ["in"] } };
    await expect(rig.apply("mkdir", targetOf("requires", written, { base }))).rejects.toThrow(
      "is in none of the folders of allow.mkdir",
    );
  }
  const none = targetOf("requires", { directories: ["in/x"], allow: { mkdir: [] } }, { base });
  await expect(rig.plan("mkdir", none)).rejects.toThrow("there are none");
  expect([readdirSync(join(base, "in")), readdirSync(outside)]).toEqual([["out"], []]);
});

test("what stands in the way is told and left", async () => {
  const base = scratch();
  writeFileSync(join(base, "plain"), "");
  symlinkSync("nowhere", join(base, "dangling"));
  const rig = remedyRig();
  const make = (path: string) => rig.apply("mkdir", targetOf("requires", { directories: [path] }, { base }));
  expect((await make("plain")).said).toEqual(["no folder is missing: leave all as they are"]);
  await expect(make("plain/in")).rejects.toThrow(`cannot make the folder ${join(base, "plain/in")}`);
  await expect(make("dangling")).rejects.toThrow("cannot make the folder");
  expect(existsSync(join(base, "nowhere"))).toBe(false);
});

test.runIf(isRoot)(
  "as root a folder belongs to the owner of the one around it, and no other user's link is followed",
  async () => {
    const base = scratch();
    mkdirSync(join(base, "home"));
    chownSync(join(base, "home"), 1234, 1235);
    const rig = remedyRig();
    await rig.apply("mkdir", targetOf("requires", { directories: ["home/a/b"] }, { base }));
    for (const name of ["home/a", "home/a/b"])
      expect(statSync(join(base, name))).toMatchObject({ uid: 1234, gid: 1235 });
    symlinkSync("..", join(base, "home/link"));
    lchownSync(join(base, "home/link"), 1234, 1235);
    const behind = targetOf("requires", { directories: ["home/link/x"] }, { base });
    await expect(rig.apply("mkdir", behind)).rejects.toThrow("link of somebody else");
    expect(existsSync(join(base, "x"))).toBe(false);
  },
);
