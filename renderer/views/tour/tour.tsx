import { Button, CloseButton } from "@mantine/core"
import { useEffect, useState } from "react"
import { useRoute } from "../../stores/context.ts"
import { goTo } from "../../stores/route.ts"
import { isTaken } from "../shell/shortcuts.tsx"
import { showControl } from "./controls.ts"
import { type Step, steps, type TourFacts } from "./steps.ts"
import classes from "./tour.module.css"
import { useTour } from "./use-tour.ts"

/** How often the ring looks where its control is, milliseconds. */
const FOLLOW_MS = 100
/** Between control and ring, pixels. */
const GAP = 4

/** The tour as a strip above the view: it covers nothing, holds nothing up, and points at the real controls. */
export function Tour() {
	const tour = useTour()
	const route = useRoute()
	if (tour.state === "offered" && route.view === "run") return <Offer onBegin={tour.begin} onDecline={tour.decline} />
	if (tour.state !== "going") return null
	return <Going tour={tour} />
}

function Offer({ onBegin, onDecline }: { onBegin(): void; onDecline(): void }) {
	return (
		<aside className={classes.strip} aria-label="Tour">
			<div className={classes.text}>
				<strong>First time here?</strong> The tour shows it all on demo appliances in a few minutes: plan, run, what was
				put back, history, revert. It points at the real controls, and you can leave it at any time.
			</div>
			<Button size="compact-sm" onClick={onBegin}>
				Take the tour
			</Button>
			<Button size="compact-sm" variant="subtle" color="gray" onClick={onDecline}>
				No, thanks
			</Button>
		</aside>
	)
}

function Going({ tour }: { tour: Extract<ReturnType<typeof useTour>, { state: "going" }> }) {
	const { step: at, reached, facts, reach, leave } = tour
	const step = steps[at]
	// To open the module again is no step back.
	useEffect(() => {
		if (at > reached) reach(at)
	})
	useLeaveByEscape(leave)
	return (
		<>
			<aside className={classes.strip} aria-label="Tour">
				<div className={classes.text} role="status">
					{step && <span className={classes.number}>{`${at + 1} of ${steps.length}`}</span>}
					<strong>{step?.title ?? "That was the tour"}.</strong>{" "}
					{step?.text ?? "Write a module of your own in Modules. Help says how it all works."}
				</div>
				{step ? (
					<>
						<Button size="compact-sm" variant="default" onClick={() => show(step, facts)}>
							Show me
						</Button>
						<Button size="compact-sm" variant="subtle" color="gray" onClick={() => reach(at + 1)}>
							Skip
						</Button>
						<CloseButton
							size="sm"
							aria-label="Leave the tour"
							title="Leave the tour (Esc); Help has it"
							onClick={leave}
						/>
					</>
				) : (
					<Button size="compact-sm" onClick={leave}>
						Done
					</Button>
				)}
			</aside>
			{step && <Ring selector={step.control(facts)} />}
		</>
	)
}

function show(step: Step, facts: TourFacts): void {
	if (!document.querySelector(step.control(facts))) goTo(step.route(facts))
	showControl(step.control(facts))
}

function useLeaveByEscape(leave: () => void): void {
	useEffect(() => {
		const press = (event: KeyboardEvent) => {
			if (event.key === "Escape" && !isTaken(event)) leave()
		}
		window.addEventListener("keydown", press)
		return () => window.removeEventListener("keydown", press)
	})
}

/** A ring around the control that is meant. It follows it and lets every click through. */
function Ring({ selector }: { selector: string }) {
	const [place, setPlace] = useState<{ top: number; left: number; width: number; height: number }>()
	useEffect(() => {
		const look = () => setPlace((now) => samePlace(now, placeOf(selector)))
		look()
		const timer = setInterval(look, FOLLOW_MS)
		return () => clearInterval(timer)
	}, [selector])
	return place && <div className={classes.ring} style={place} aria-hidden />
}

function placeOf(selector: string) {
	const box = document.querySelector(selector)?.getBoundingClientRect()
	if (!box || box.width === 0) return undefined
	const [top, left] = [box.top - GAP, box.left - GAP]
	return { top, left, width: box.width + 2 * GAP, height: box.height + 2 * GAP }
}

/** The one from before where nothing has moved: then nothing is drawn anew. */
function samePlace<T>(before: T, now: T): T {
	return JSON.stringify(before) === JSON.stringify(now) ? before : now
}
