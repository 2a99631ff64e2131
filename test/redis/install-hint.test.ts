import { describe, expect, it } from "vitest";
import { installCommand } from "../../src/redis/install-hint.ts";

describe("the command that installs a Redis", () => {
  it.each([
    ['ID=debian\nVERSION_ID="12"', "sudo apt-get install -y redis-server"],
    ["ID=ubuntu\nID_LIKE=debian\nVERSION_ID=24.04", "sudo apt-get install -y redis-server"],
    ['ID=linuxmint\nID_LIKE="ubuntu debian"', "sudo apt-get install -y redis-server"],
    ["ID=fedora\nVERSION_ID=42", "sudo dnf install -y valkey"],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"', "sudo dnf install -y redis"],
    ['ID="almalinux"\nID_LIKE="rhel centos fedora"\nVERSION_ID="10.0"', "sudo dnf install -y valkey"],
    ['ID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"', "sudo dnf install -y valkey"],
    ["ID=alpine\nVERSION_ID=3.18.4", "sudo apk add redis"],
    ["ID=alpine\nVERSION_ID=3.22.1", "sudo apk add valkey"],
    ["ID=arch", "sudo pacman -S --noconfirm valkey"],
    [
      'ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\nVERSION_ID="20261101"',
      "sudo zypper install -y valkey",
    ],
    ['ID="opensuse-leap"\nID_LIKE="suse opensuse"\nVERSION_ID="15.6"', "sudo zypper install -y redis"],
    ["ID=plan9", undefined],
    ["", undefined],
  ])("on %j is %s", (osRelease, command) => {
    expect(installCommand({ platform: "linux", osRelease, isRoot: false })).toBe(command);
  });

  it("needs no sudo as root, and brew on a Mac", () => {
    expect(installCommand({ platform: "linux", osRelease: "ID=debian", isRoot: true })).toBe(
      "apt-get install -y redis-server",
    );
    expect(installCommand({ platform: "darwin", osRelease: "", isRoot: false })).toBe("brew install redis");
  });
});
