import { Button } from '../ui/Button.tsx';
import { Select } from '../ui/Select.tsx';

interface Props {
  timeZone: string | null;
  onChange: (timeZone: string | null) => void;
}

const device = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Where one is by the clock: others see what time it is there. */
export function TimeZoneField({ timeZone, onChange }: Props) {
  const known = Intl.supportedValuesOf('timeZone');
  // The lists of browsers differ in the names they prefer.
  const all = [...new Set([...known, 'UTC', device, ...(timeZone === null ? [] : [timeZone])])].toSorted();
  return (
    <div>
      <Select
        label="Time zone"
        value={timeZone ?? ''}
        options={[['', 'Not shown'], ...all.map((zone) => [zone, zone.replaceAll('_', ' ')] as const)]}
        onChange={(event) => onChange(event.target.value || null)}
      />
      {timeZone !== device && (
        <Button look="quiet" className="mt-1 -ml-4" onClick={() => onChange(device)}>
          Use this device’s: {device.replaceAll('_', ' ')}
        </Button>
      )}
    </div>
  );
}
