import type { Command } from "commander";
import { rolesArgument } from "./arguments.ts";
import type { Run } from "./run.ts";
import type { UpRole } from "./up-module.ts";

/** The commands about this node: `up`, `down`, `init`, `validate`, `schema`, `doctor`, `completion`. Each is loaded when it runs. */
export function addNodeCommands(program: Command, run: Run): void {
  addUpAndDown(program, run);
  addConfigCommands(program, run);
  addCompletion(program, run);
}

function addUpAndDown(program: Command, run: Run): void {
  program
    .command("up")
    .summary("run this node")
    .description(
      "Runs this node: starts its processes, looks, heals. Ends with Ctrl-C; the processes it started live on.",
    )
    .option("--detach", "in the background; returns once it is ready")
    .option(
      "--only <LIST>",
      "some of scheduler,check,heal,alert,web; `check` alone is one more process that looks",
      rolesArgument,
    )
    .addHelpText("after", "\nExample:\n  healq up --detach\n  healq up --only check")
    .action((options: { detach?: boolean; only?: ReadonlySet<UpRole> }, command: Command) =>
      run(command, async (context) => (await import("./up.ts")).runUp(context, options)),
    );
  program
    .command("down")
    .summary("stop healq on this node")
    .description(
      "Stops healq and its private Redis on this node. The processes it started live on, unless --workers.",
    )
    .option("--workers", "stop the processes too, those that need others first")
    .addHelpText("after", "\nExample:\n  healq down --workers")
    .action((options: { workers?: boolean }, command: Command) =>
      run(command, async (context) => (await import("./down.ts")).runDown(context, options)),
    );
}

function addConfigCommands(program: Command, run: Run): void {
  program
    .command("init")
    .summary("write a commented healq.yaml to start from")
    .description(
      "Writes a commented config to start from, where -c or $HEALQ_CONFIG says, else healq.yaml here. Overwrites nothing.",
    )
    .addHelpText("after", "\nExample:\n  healq init && healq validate")
    .action((_options: object, command: Command) =>
      run(command, async (context) => (await import("./init.ts")).runInit(context)),
    );
  program
    .command("validate")
    .summary("check the config and print every problem with its place")
    .description("Checks the config and prints every problem with its place.")
    .addHelpText("after", "\nExample:\n  healq validate -c /etc/healq/healq.yaml")
    .action((_options: object, command: Command) =>
      run(command, async (context) => (await import("./validate.ts")).runValidate(context)),
    );
  program
    .command("schema")
    .summary("print the JSON Schema of the config")
    .description("Prints the JSON Schema of the config, for editors.")
    .addHelpText("after", "\nExample:\n  healq schema > healq.schema.json")
    .action((_options: object, command: Command) =>
      run(command, async (context) => (await import("./schema.ts")).runSchema(context)),
    );
  program
    .command("doctor")
    .summary("is this machine ready?")
    .description(
      "Looks whether this machine has what healq and this config need, and says what to do where not.",
    )
    .addHelpText("after", "\nExample:\n  healq doctor")
    .action((_options: object, command: Command) =>
      run(command, async (context) => (await import("./doctor.ts")).runDoctor(context)),
    );
}

function addCompletion(program: Command, run: Run): void {
  program
    .command("completion")
    .summary("print a script that completes commands and targets in your shell")
    .description(
      "Prints a script for your shell that completes commands, flags and the targets of the config.",
    )
    .argument("<shell>", "bash, zsh or fish")
    .addHelpText("after", "\nExample:\n  healq completion bash >> ~/.bashrc")
    .action((shell: string, _options: object, command: Command) =>
      run(command, async (context) => (await import("./completion.ts")).runCompletion(context, shell)),
    );
  program
    .command("__complete", { hidden: true })
    .summary("what may follow; asked by the completion script")
    .description("What may stand in the place of the last word, one a line. Asked by the completion script.")
    .argument("[word...]")
    .addHelpText("after", "\nExample:\n  healq __complete -- sta")
    .action((words: string[], _options: object, command: Command) =>
      run(command, async (context) =>
        (await import("./completion.ts")).runComplete(context, { program, words }),
      ),
    );
}
