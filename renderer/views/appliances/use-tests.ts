import { notifications } from "@mantine/notifications"
import { useState } from "react"
import type { ApplianceState } from "../../../core/schema/desktop.ts"
import type { Failure } from "../../../core/schema/failure.ts"
import { failureOf, problemOf } from "../../rpc/problem.ts"
import { useApp } from "../../stores/context.ts"

export interface Tests {
	/** Ids of the appliances that are being tested now. */
	testing: ReadonlySet<string>
	test(appliance: ApplianceState): Promise<void>
	/** Set when a host key has changed: that is explained in a dialog of its own. */
	changedKey: Failure | undefined
	closeChangedKey(): void
}

/** Tests appliances; the result is kept with each appliance and said once. */
export function useTests(): Tests {
	const { api } = useApp()
	const [testing, setTesting] = useState<ReadonlySet<string>>(new Set())
	const [changedKey, setChangedKey] = useState<Failure>()

	const test = async ({ id, name }: ApplianceState) => {
		const notice = `test ${id}`
		// What the test before this one said no longer holds.
		notifications.hide(notice)
		setTesting((now) => new Set(now).add(id))
		try {
			await api.appliances.test({ id })
			const message = "Reached, signed in, and the runner is ready there."
			notifications.show({ id: notice, color: "teal", title: name, message })
		} catch (error) {
			const failure = failureOf(error)
			const { what, next } = problemOf(error)
			if (failure?.code === "host-key-changed") setChangedKey(failure)
			else notifications.show({ id: notice, color: "red", title: name, message: [what, next].join(" ") })
		}
		setTesting((now) => new Set([...now].filter((one) => one !== id)))
	}
	return { testing, test, changedKey, closeChangedKey: () => setChangedKey(undefined) }
}
