import type { Entity, Tag } from "../api/train";
import { pieces } from "./markup";

/** An utterance with its entities marked where they stand. */
export function Marked({ text, tags, entities }: { text: string; tags: Tag[]; entities: Entity[] }) {
  const name = (id: string) => entities.find((one) => one.id === id)?.name ?? id;
  return (
    <span className="utterance">
      {pieces(text, tags).map((piece, i) =>
        piece.entity === undefined ? (
          <span key={i}>{piece.text}</span>
        ) : (
          <mark key={i} className="entity">
            {piece.text}
            <span className="entity-name">{name(piece.entity)}</span>
          </mark>
        ),
      )}
    </span>
  );
}
