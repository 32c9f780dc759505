import { NumberInput } from "@mantine/core"
import classes from "./new.module.css"

/** A whole number, 1 or more; what is no such number changes nothing. */
export function WholeNumber(props: {
	label: string
	value: number
	max?: number
	suffix?: string
	onChange(value: number): void
}) {
	const { label, value, max, suffix, onChange } = props
	return (
		<NumberInput
			className={classes.number}
			aria-label={label}
			value={value}
			min={1}
			{...(max !== undefined && { max })}
			{...(suffix !== undefined && { suffix })}
			allowDecimal={false}
			allowNegative={false}
			onChange={(next) => Number.isInteger(next) && Number(next) >= 1 && onChange(Number(next))}
		/>
	)
}
