import { Button } from "@mantine/core"
import { IconSparkles } from "@tabler/icons-react"
import { StopButton } from "../../components/awaited.tsx"
import type { useDemo } from "./use-demo.ts"

/** Brings the demo: in the empty fleet, and where somebody is new. */
export function DemoButton({ demo }: { demo: ReturnType<typeof useDemo> }) {
	return (
		<>
			<Button
				variant="default"
				data-tour="demo"
				leftSection={<IconSparkles size={15} />}
				loading={demo.adding}
				onClick={() => void demo.add()}
			>
				Add demo appliances
			</Button>
			{demo.adding && <StopButton what="starting the demo" onStop={demo.stop} />}
		</>
	)
}
