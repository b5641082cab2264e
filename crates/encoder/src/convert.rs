//! Turns the published weights into one file: a table of word pieces in bytes, and a graph with eight-bit matrix products.

use crate::bytes::{from_floats, join};
use crate::safetensors::Weights;
use crate::{EncoderError, LONGEST, WIDTH};
use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, Dimension, GraphProto, ModelProto, NodeProto,
    OperatorSetIdProto, TensorProto, TensorShapeProto, TypeProto, TypeProtoTensor, ValueInfoProto,
};
use std::cell::RefCell;

/// Word pieces of the model.
pub const PIECES: usize = 30_522;
const LAYERS: usize = 6;
const HEADS: i64 = 12;
const INNER: usize = 1536;
/// Added to the variance in layer normalisation.
pub const EPSILON: f32 = 1e-12;
/// Version of the operator set; the first with `Gelu`.
const OPERATORS: i64 = 20;

/// Converts `model.safetensors` of all-MiniLM-L6-v2. `vocabulary` has one word piece a line; `notice` is kept with the result
/// (licence and origin of the weights).
///
/// # Errors
/// A cut file, weights of another model, another vocabulary.
pub fn convert(weights: &[u8], vocabulary: &str, notice: &str) -> Result<Vec<u8>, EncoderError> {
    let weights = Weights::read(weights)?;
    crate::wordpiece::WordPiece::new(vocabulary, PIECES)?;
    let table = weights.get("embeddings.word_embeddings.weight", &[PIECES, WIDTH])?;
    let (table, scales) = rows(&table);
    let mut places = weights.get("embeddings.position_embeddings.weight", &[512, WIDTH])?;
    places.truncate(LONGEST * WIDTH);
    // The model knows two kinds of text; a single text is of the first.
    let kind = weights.get("embeddings.token_type_embeddings.weight", &[2, WIDTH])?;
    for row in places.chunks_exact_mut(WIDTH) {
        row.iter_mut().zip(&kind).for_each(|(p, k)| *p += k);
    }
    let mut norm = weights.get("embeddings.LayerNorm.weight", &[WIDTH])?;
    norm.extend(weights.get("embeddings.LayerNorm.bias", &[WIDTH])?);
    let mut graph = Graph::default();
    let mut state = "tokens".to_owned();
    for layer in 0..LAYERS {
        state = graph.layer(&weights, layer, &state)?;
    }
    let graph = graph.finish(&state)?;
    Ok(join(&[
        vocabulary.as_bytes(),
        &table,
        &from_floats(&scales),
        &from_floats(&places),
        &from_floats(&norm),
        &graph,
        notice.as_bytes(),
    ]))
}

/// Rows of [`WIDTH`] as signed bytes with a scale each.
fn rows(table: &[f32]) -> (Vec<u8>, Vec<f32>) {
    let mut bytes = Vec::with_capacity(table.len());
    let mut scales = Vec::with_capacity(table.len() / WIDTH);
    for row in table.chunks_exact(WIDTH) {
        let scale = largest(row.iter()) / 127.0;
        bytes.extend(row.iter().map(|v| (v / scale).round() as i8 as u8));
        scales.push(scale);
    }
    (bytes, scales)
}

fn largest<'a>(values: impl Iterator<Item = &'a f32>) -> f32 {
    values.fold(1e-9f32, |most, v| most.max(v.abs()))
}

#[derive(Default)]
struct Graph {
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
}

impl Graph {
    /// Attention and the two inner products of one layer; answers the name of its result.
    fn layer(
        &mut self,
        weights: &Weights,
        layer: usize,
        input: &str,
    ) -> Result<String, EncoderError> {
        let name = |part: &str| format!("encoder.layer.{layer}.{part}");
        let at = |part: &str| format!("l{layer}_{part}");
        let mut matrices = Vec::new();
        let mut biases = Vec::new();
        for part in ["query", "key", "value"] {
            let mut matrix = weights.get(
                &name(&format!("attention.self.{part}.weight")),
                &[WIDTH, WIDTH],
            )?;
            let mut bias = weights.get(&name(&format!("attention.self.{part}.bias")), &[WIDTH])?;
            if part == "query" {
                // The scale of attention scores goes into the query.
                let scale = (WIDTH as f32 / HEADS as f32).sqrt().recip();
                matrix.iter_mut().chain(&mut bias).for_each(|v| *v *= scale);
            }
            matrices.extend(matrix);
            biases.extend(bias);
        }
        let joined = self.product(&at("qkv"), input, &matrices, &biases);
        let parts = [at("q"), at("k"), at("v")];
        self.node(
            "Split",
            &[&joined],
            &[&parts[0], &parts[1], &parts[2]],
            vec![int("axis", 1), int("num_outputs", 3)],
        );
        let heads = self.longs(&at("heads"), &[-1, HEADS, WIDTH as i64 / HEADS]);
        for (part, order) in parts.iter().zip([[1, 0, 2], [1, 2, 0], [1, 0, 2]]) {
            self.node(
                "Reshape",
                &[part, &heads],
                &[&format!("{part}h")],
                Vec::new(),
            );
            self.node(
                "Transpose",
                &[&format!("{part}h")],
                &[&format!("{part}t")],
                vec![ints("perm", &order)],
            );
        }
        self.node(
            "MatMul",
            &[&format!("{}t", parts[0]), &format!("{}t", parts[1])],
            &[&at("scores")],
            Vec::new(),
        );
        self.node(
            "Softmax",
            &[&at("scores")],
            &[&at("shares")],
            vec![int("axis", -1)],
        );
        self.node(
            "MatMul",
            &[&at("shares"), &format!("{}t", parts[2])],
            &[&at("mixed")],
            Vec::new(),
        );
        self.node(
            "Transpose",
            &[&at("mixed")],
            &[&at("mixedt")],
            vec![ints("perm", &[1, 0, 2])],
        );
        let flat = self.longs(&at("flat"), &[-1, WIDTH as i64]);
        self.node(
            "Reshape",
            &[&at("mixedt"), &flat],
            &[&at("context")],
            Vec::new(),
        );
        let matrix = weights.get(&name("attention.output.dense.weight"), &[WIDTH, WIDTH])?;
        let bias = weights.get(&name("attention.output.dense.bias"), &[WIDTH])?;
        let attended = self.product(&at("attended"), &at("context"), &matrix, &bias);
        let middle = self.norm(
            weights,
            &name("attention.output.LayerNorm"),
            &at("middle"),
            &attended,
            input,
        )?;
        let matrix = weights.get(&name("intermediate.dense.weight"), &[INNER, WIDTH])?;
        let bias = weights.get(&name("intermediate.dense.bias"), &[INNER])?;
        let wide = self.product(&at("wide"), &middle, &matrix, &bias);
        self.node("Gelu", &[&wide], &[&at("gelu")], Vec::new());
        let matrix = weights.get(&name("output.dense.weight"), &[WIDTH, INNER])?;
        let bias = weights.get(&name("output.dense.bias"), &[WIDTH])?;
        let narrow = self.product(&at("narrow"), &at("gelu"), &matrix, &bias);
        self.norm(
            weights,
            &name("output.LayerNorm"),
            &at("out"),
            &narrow,
            &middle,
        )
    }

    /// A product with a matrix in bytes (one scale an output), plus a bias. The input is brought to bytes on the way.
    fn product(&mut self, name: &str, input: &str, matrix: &[f32], bias: &[f32]) -> String {
        let (width, depth) = (bias.len(), matrix.len() / bias.len());
        let at = |part: &str| format!("{name}_{part}");
        let scales: Vec<f32> = matrix
            .chunks_exact(depth)
            .map(|row| largest(row.iter()) / 127.0)
            .collect();
        let mut bytes = vec![0u8; matrix.len()];
        for (out, row) in matrix.chunks_exact(depth).enumerate() {
            for (inner, v) in row.iter().enumerate() {
                bytes[inner * width + out] = (v / scales[out]).round() as i8 as u8;
            }
        }
        self.constant(&at("w"), DataType::INT8, &[depth, width], bytes);
        self.constant(&at("z"), DataType::INT8, &[], vec![0]);
        self.floats(&at("s"), &[width], &scales);
        self.floats(&at("b"), &[width], bias);
        self.node(
            "DynamicQuantizeLinear",
            &[input],
            &[&at("x"), &at("xs"), &at("xz")],
            Vec::new(),
        );
        self.node(
            "MatMulInteger",
            &[&at("x"), &at("w"), &at("xz"), &at("z")],
            &[&at("whole")],
            Vec::new(),
        );
        self.node("Cast", &[&at("whole")], &[&at("float")], vec![int("to", 1)]);
        self.node("Mul", &[&at("xs"), &at("s")], &[&at("scale")], Vec::new());
        self.node(
            "Mul",
            &[&at("float"), &at("scale")],
            &[&at("scaled")],
            Vec::new(),
        );
        self.node("Add", &[&at("scaled"), &at("b")], &[&at("sum")], Vec::new());
        at("sum")
    }

    /// Layer normalisation of a sum.
    fn norm(
        &mut self,
        weights: &Weights,
        from: &str,
        name: &str,
        a: &str,
        b: &str,
    ) -> Result<String, EncoderError> {
        let at = |part: &str| format!("{name}_{part}");
        let scale = weights.get(&format!("{from}.weight"), &[WIDTH])?;
        let bias = weights.get(&format!("{from}.bias"), &[WIDTH])?;
        self.floats(&at("g"), &[WIDTH], &scale);
        self.floats(&at("h"), &[WIDTH], &bias);
        self.node("Add", &[a, b], &[&at("sum")], Vec::new());
        let attributes = vec![int("axis", -1), float("epsilon", EPSILON)];
        self.node(
            "LayerNormalization",
            &[&at("sum"), &at("g"), &at("h")],
            &[&at("norm")],
            attributes,
        );
        Ok(at("norm"))
    }

    fn node(
        &mut self,
        kind: &str,
        input: &[&str],
        output: &[&str],
        attribute: Vec<AttributeProto>,
    ) {
        let own = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        self.nodes.push(NodeProto {
            // Another name than any value has: the runtime keeps both in one list.
            name: Some(format!("n{}", self.nodes.len())),
            op_type: Some(kind.to_owned()),
            input: own(input),
            output: own(output),
            attribute,
            ..NodeProto::default()
        });
    }

    fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        self.constant(name, DataType::FLOAT, shape, from_floats(values));
    }

    fn longs(&mut self, name: &str, values: &[i64]) -> String {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.constant(name, DataType::INT64, &[values.len()], bytes);
        name.to_owned()
    }

    fn constant(&mut self, name: &str, kind: DataType, shape: &[usize], bytes: Vec<u8>) {
        self.constants.push(TensorProto {
            name: Some(name.to_owned()),
            data_type: Some(kind),
            dims: shape.iter().map(|d| *d as i64).collect(),
            raw_data: Some(RefCell::new(bytes)),
            ..TensorProto::default()
        });
    }

    fn finish(self, output: &str) -> Result<Vec<u8>, EncoderError> {
        let graph = GraphProto {
            node: self.nodes,
            initializer: self.constants,
            input: vec![value("tokens")],
            output: vec![value(output)],
            value_info: Vec::new(),
        };
        let model = ModelProto {
            ir_version: Some(9),
            graph: Some(graph),
            opset_import: vec![OperatorSetIdProto {
                domain: None,
                version: Some(OPERATORS),
            }],
            producer_name: Some("ombud".to_owned()),
            ..ModelProto::default()
        };
        model
            .write_buf()
            .map_err(|e| EncoderError::Runtime(e.to_string()))
    }
}

/// A matrix of floats with any number of rows.
fn value(name: &str) -> ValueInfoProto {
    let rows = Dimension {
        dim_param: Some("rows".to_owned()),
        ..Dimension::default()
    };
    let width = Dimension {
        dim_value: Some(WIDTH as i64),
        ..Dimension::default()
    };
    let tensor = TypeProtoTensor {
        elem_type: Some(DataType::FLOAT),
        shape: Some(TensorShapeProto {
            dim: vec![rows, width],
        }),
    };
    ValueInfoProto {
        name: Some(name.to_owned()),
        r#type: Some(TypeProto {
            tensor_type: Some(tensor),
            ..TypeProto::default()
        }),
    }
}

fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto {
        name: Some(name.to_owned()),
        i: Some(value),
        r#type: Some(AttributeType::INT),
        ..AttributeProto::default()
    }
}

fn ints(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto {
        name: Some(name.to_owned()),
        ints: values.to_vec(),
        r#type: Some(AttributeType::INTS),
        ..AttributeProto::default()
    }
}

fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto {
        name: Some(name.to_owned()),
        f: Some(value),
        r#type: Some(AttributeType::FLOAT),
        ..AttributeProto::default()
    }
}
