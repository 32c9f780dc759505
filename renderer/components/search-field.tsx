import { TextInput, type TextInputProps } from "@mantine/core"
import { IconSearch } from "@tabler/icons-react"
import type { Ref } from "react"

interface Props extends Omit<TextInputProps, "label" | "onChange" | "leftSection" | "value"> {
	/** Said to whoever cannot see it, and shown in it unless there is a `placeholder`. */
	label: string
	value: string
	onSearch(text: string): void
	ref?: Ref<HTMLInputElement>
}

/** Narrows down what is shown, or looks for words in it. */
export function SearchField({ label, placeholder = label, onSearch, ...rest }: Props) {
	return (
		<TextInput
			aria-label={label}
			placeholder={placeholder}
			leftSection={<IconSearch size={14} aria-hidden />}
			onChange={(event) => onSearch(event.currentTarget.value)}
			{...rest}
		/>
	)
}
