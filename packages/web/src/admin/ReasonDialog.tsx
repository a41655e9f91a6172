import type { ReactNode } from 'react';
import { textOf } from '../lib/problems.ts';
import { FormDialog } from '../moderation/FormDialog.tsx';
import { Field } from '../ui/Field.tsx';

interface Props {
  title: string;
  verb: string;
  children: ReactNode;
  /** The dialog closes when it is done. */
  onSubmit: (reason: string) => Promise<void>;
  onClose: () => void;
}

/** Asks why, before someone is kept out. */
export function ReasonDialog({ title, verb, children, onSubmit, onClose }: Props) {
  return (
    <FormDialog
      title={title}
      verb={verb}
      danger
      onSubmit={(form) => onSubmit(textOf(form, 'reason'))}
      onClose={onClose}
    >
      {(problems) => (
        <>
          <div className="text-muted">{children}</div>
          <Field
            label="Reason"
            name="reason"
            autoComplete="off"
            autoFocus
            maxLength={300}
            hint="Kept in the audit log."
            error={problems['reason']}
          />
        </>
      )}
    </FormDialog>
  );
}
