import type { ListedRoom, Lounge, Room } from '@confab/sdk';
import { Plus } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { attempt } from '../lib/attempt.ts';
import { client } from '../lib/client.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Section } from '../ui/Section.tsx';
import { ConsolePage } from './ConsolePage.tsx';
import { LoungeDialog } from './LoungeDialog.tsx';
import { LoungeItem } from './LoungeItem.tsx';
import { OtherRooms } from './OtherRooms.tsx';
import { loadLounges } from './places.ts';
import { RoomSettingsDialog } from './RoomSettingsDialog.tsx';
import type { Scope } from './scope.ts';
import { useKeptFocus } from './useKeptFocus.ts';

/** Lounges with their language rooms, and every other room that one moderates. */
export function RoomsPage({ scope }: { scope: Scope }) {
  const { data: lounges, problem, reload } = useLoaded(useCallback(() => load(scope.instance), [scope.instance]));
  const [opening, setOpening] = useState(false);
  const [moderating, setModerating] = useState<Room | null>(null);
  /** The arrow that was pressed: it keeps the focus wherever its lounge goes. */
  const moved = useRef<{ id: string; by: -1 | 1 } | null>(null);
  useEffect(() => {
    if (moved.current === null) return;
    const { id, by } = moved.current;
    document.querySelector<HTMLElement>(`[data-move="${id} ${by}"]`)?.focus();
    moved.current = null;
  }, [lounges]);
  const page = useRef<HTMLDivElement>(null);
  useKeptFocus(() => page.current?.focus(), page);
  /** As they were changed here: the list of lounges is a few seconds behind. */
  const [changed, setChanged] = useState<Readonly<Record<string, Room>>>({});
  const latest = <T extends Room | ListedRoom>(room: T): T | Room => {
    const mine = changed[room.id];
    return mine !== undefined && mine.rev > room.rev ? mine : room;
  };
  const known = new Set(lounges?.flatMap(({ rooms }) => rooms.map(({ room }) => room.id)));

  /** The list of lounges leaves out what is not for everybody. A change of nothing answers the room as it is. */
  async function moderate(roomId: string) {
    setModerating(await client.call('moderateRoom', { params: { roomId }, body: {} }));
  }

  /** Puts a lounge one place up or down: all take the number of their place. */
  async function move(from: number, by: -1 | 1) {
    const one = lounges?.[from];
    if (lounges === null || one === undefined) return;
    const order = lounges.toSpliced(from, 1).toSpliced(from + by, 0, one);
    for (const [position, { id: loungeId, position: before }] of order.entries())
      if (before !== position) await client.call('updateLounge', { params: { loungeId }, body: { position } });
    moved.current = { id: one.id, by };
    reload();
  }

  return (
    <ConsolePage scope={scope} page="rooms">
      <Alert onRetry={reload}>{problem}</Alert>
      <div ref={page} tabIndex={-1} className="space-y-10 outline-none">
        {scope.instance && (
          <Section title="Lounges" note="Public places, each with a room for a language or several.">
            {scope.admin && (
              <Button look="primary" className="mb-4" onClick={() => setOpening(true)}>
                <Plus size={17} aria-hidden />
                Open a lounge
              </Button>
            )}
            <ul aria-label="Lounges" className="space-y-4">
              {lounges?.map((lounge, index) => (
                <LoungeItem
                  key={lounge.id}
                  lounge={{ ...lounge, rooms: lounge.rooms.map((of) => ({ ...of, room: latest(of.room) })) }}
                  admin={scope.admin}
                  isFirst={index === 0}
                  isLast={index === lounges.length - 1}
                  onMove={(by) => move(index, by)}
                  onChanged={reload}
                  onModerate={(roomId) => attempt(moderate(roomId))}
                />
              ))}
            </ul>
            {lounges?.length === 0 && <p className="text-muted">There are no lounges yet.</p>}
          </Section>
        )}
        <OtherRooms scope={scope} known={known} latest={latest} onModerate={setModerating} />
      </div>
      {opening && (
        <LoungeDialog
          lounge={null}
          position={Math.max(0, ...(lounges ?? []).map((one) => one.position + 1))}
          onSaved={reload}
          onClose={() => setOpening(false)}
        />
      )}
      {moderating && (
        <RoomSettingsDialog
          room={moderating}
          me={scope.me}
          onSaved={(room) => setChanged((before) => ({ ...before, [room.id]: room }))}
          onClose={() => setModerating(null)}
        />
      )}
    </ConsolePage>
  );
}

const load = (instance: boolean): Promise<Lounge[]> => (instance ? loadLounges() : Promise.resolve([]));
