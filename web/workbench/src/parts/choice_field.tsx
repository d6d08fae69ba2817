import { Select } from "antd";
import { useId } from "react";

/** One of a list, or none, with its label above; for filters. */
export function ChoiceField<V extends string>(props: {
  label: string;
  hint: string;
  value?: V;
  options: { value: V; label: string }[];
  onChange: (value?: V) => void;
}) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id}>{props.label}</label>
      <Select
        id={id}
        allowClear
        value={props.value}
        placeholder={props.hint}
        options={props.options}
        showSearch={{ optionFilterProp: "label" }}
        onChange={(value?: V) => props.onChange(value)}
      />
    </div>
  );
}
