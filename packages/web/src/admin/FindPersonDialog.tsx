import { PeopleSearch } from '../rooms/PeopleSearch.tsx';
import { Dialog } from '../ui/Dialog.tsx';

interface Props {
  onFound: (userId: string) => void;
  onClose: () => void;
}

export function FindPersonDialog({ onFound, onClose }: Props) {
  return (
    <Dialog title="What concerns whom?" onClose={onClose}>
      <PeopleSearch
        isExcluded={() => false}
        onPick={({ id }) => {
          onFound(id);
          onClose();
        }}
      />
    </Dialog>
  );
}
