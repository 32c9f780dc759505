import { Button } from "@mantine/core"
import { IconSparkles } from "@tabler/icons-react"
import type { useDemo } from "./use-demo.ts"

/** Brings the demo: in the empty fleet, and where somebody is new. */
export function DemoButton({ demo }: { demo: ReturnType<typeof useDemo> }) {
	return (
		<Button
			variant="default"
			data-tour="demo"
			leftSection={<IconSparkles size={15} />}
			loading={demo.adding}
			onClick={() => void demo.add()}
		>
			Add demo appliances
		</Button>
	)
}
