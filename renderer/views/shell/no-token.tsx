import { IconKey } from "@tabler/icons-react"
import { Empty } from "../../components/empty.tsx"
import classes from "./shell.module.css"

/** Shown when the page was opened without the key that the program put into its address. */
export function NoToken() {
	return (
		<main className={classes.alone}>
			<Empty icon={<IconKey />} title="This address lacks its key">
				The program prints the full address when it starts, ending in #token=…. Open that one. Each start makes a new
				key, so an old address or bookmark does not work.
			</Empty>
		</main>
	)
}
