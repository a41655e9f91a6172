import { Field } from '../ui/Field.tsx';

interface Props {
  /** As they are; null: of something new. */
  of: { name: string | null; topic: string } | null;
  problems: Readonly<Record<string, string>>;
}

/** What a lounge and a room are called, and about. */
export function NameAndTopic({ of, problems }: Props) {
  return (
    <>
      <Field
        label="Name"
        name="name"
        autoComplete="off"
        autoFocus
        defaultValue={of?.name ?? ''}
        error={problems['name']}
      />
      <Field label="Topic" name="topic" autoComplete="off" defaultValue={of?.topic} error={problems['topic']} />
    </>
  );
}
