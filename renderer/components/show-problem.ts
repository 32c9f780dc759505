import { notifications } from "@mantine/notifications"
import { problemOf } from "../rpc/problem.ts"

/** Says what went wrong, where the place it belongs to has gone. */
export function showProblem(title: string): (error: unknown) => void {
	return (error) => {
		const { what, next } = problemOf(error)
		notifications.show({ color: "red", title, message: [what, next].join(" ") })
	}
}
