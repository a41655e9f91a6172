const widths = ['w-40', 'w-72', 'w-56', 'w-80', 'w-48'];

/** In place of a room that takes a while to open. */
export function RoomSkeleton() {
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col overflow-hidden" aria-busy>
      <div className="h-16 shrink-0 border-b" />
      <div role="status" className="mx-auto flex w-full max-w-4xl flex-1 animate-late flex-col justify-end gap-6 p-6">
        <span className="sr-only">Opening the room</span>
        {widths.map((width) => (
          <div key={width} className="flex gap-3" aria-hidden>
            <div className="size-9 rounded-full bg-hover" />
            <div className="min-w-0 flex-1 space-y-2 pt-1">
              <div className="h-3 w-24 rounded bg-hover" />
              <div className={`h-3 max-w-full rounded bg-hover ${width}`} />
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}
