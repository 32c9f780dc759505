import { z } from "zod"
import { hasSystemd } from "../../engine/node-host/systemd.ts"
import { makeByteStream } from "../../protocol/byte-stream.ts"
import { serveRunner } from "../../protocol/serve.ts"
import { EXIT } from "../../schema/outcome.ts"
import { createDetachedLaunch } from "../jobs/launch-detached.ts"
import { createLocalRunner } from "../local-runner.ts"
import { ownProgram } from "../own-program.ts"
import { whereFrom } from "./apply.ts"
import { makeCommand } from "./command.ts"
import { commonArguments } from "./engine-options.ts"

/** The nonce is the desktop's; what it may look like keeps the first line one line. */
const nonce = z.string().regex(/^[A-Za-z0-9_-]{1,128}$/, "letters, digits, _ and - are allowed")

export const serve = makeCommand({ nonce: nonce.optional() }, async (options, { host, options: engine }) => {
	const launch = createDetachedLaunch({
		program: ownProgram(),
		common: commonArguments(engine, options.root),
		// A folder that stands for `/` is somebody's own business, not the machine's.
		systemd: hasSystemd() && options.root === undefined,
	})
	const port = createLocalRunner({ host, options: engine, launch, ...whereFrom() })
	await serveRunner(port, makeByteStream(process.stdin, process.stdout), options)
	await launch.dismiss()
	return EXIT.ok
})
