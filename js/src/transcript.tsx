import type { JSX } from "preact";
import { useState } from "preact/hooks";

import type { Model } from "./anywidget";
import { useTrait, widget } from "./mount";
import type { TranscriptState } from "./protocol.gen";
import "./styles/transcript.css";
import { TranscriptView } from "./transcripts/view";
import { count } from "./words";

/** Traits of `edsl_nb.widgets.transcript.TranscriptWidget`. */
export interface TranscriptTraits {
  transcript: TranscriptState;
}

function Transcript({ model }: { model: Model<TranscriptTraits> }): JSX.Element {
  const state = useTrait(model, "transcript");
  const [position, setPosition] = useState(state.position);
  return (
    <TranscriptView
      line={model}
      position={position}
      place={`Transcript ${count(position + 1)} of ${count(state.count)}`}
      canPrevious={position > 0}
      canNext={position < state.count - 1}
      onMove={(by) => { setPosition(position + by); }}
    />
  );
}

export default widget<TranscriptTraits>(Transcript);
