/* SPDX-License-Identifier: Apache-2.0 */
/* parquet-mr, the Java library of Parquet, as a servant of the interop tests (tests/interop/parquet_mr.py): takes a request a
 * line, JSON, and answers each with a line.
 *
 *   {"do": "write", "path", "schema": "message ...", "rows": [[...], ...], options of write() below}  ->  {}
 *   {"do": "read", "path"}  ->  {"schema", "rows"}
 *   {"do": "count", "path", "column", "op": "eq" | "lt" | "gt", "value", "use": ["stats", "dictionary", "bloom", "index"]}
 *       ->  {"groups", "rows", "rows_by_index"}: what these leave of a file for a condition
 *   anything that fails  ->  {"error"}
 *
 * A row is a list of its fields, a group too; a repeated field is a list of what it repeats; null is null. Values are physical:
 * numbers, booleans, bytes as hexadecimal digits; "NaN", "Infinity" and "-Infinity" are texts. */
import static org.apache.parquet.filter2.predicate.FilterApi.*;

import java.io.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.crypto.*;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.filter2.predicate.FilterPredicate;
import org.apache.parquet.filter2.predicate.Operators.*;
import org.apache.parquet.hadoop.*;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.*;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.*;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.*;
import shaded.parquet.com.fasterxml.jackson.databind.*;
import shaded.parquet.com.fasterxml.jackson.databind.node.*;

public final class ParquetMr {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final HexFormat HEX = HexFormat.of();
  private static final Configuration SETTINGS = new Configuration(); // making one reads files

  // ---- values ----

  private static void fill(Group group, JsonNode fields) {
    for (int i = 0; i < fields.size(); i++) {
      Type type = group.getType().getType(i);
      JsonNode field = fields.get(i);
      if (type.isRepetition(Type.Repetition.REPEATED))
        for (JsonNode item : field) add(group, i, type, item);
      else if (!field.isNull())
        add(group, i, type, field);
    }
  }

  private static double number(JsonNode value) {
    return value.isTextual() ? Double.parseDouble(value.textValue()) : value.doubleValue();
  }

  private static Binary bytes(JsonNode value) {
    return Binary.fromConstantByteArray(HEX.parseHex(value.textValue()));
  }

  private static void add(Group group, int i, Type type, JsonNode value) {
    if (!type.isPrimitive()) {
      fill(group.addGroup(i), value);
      return;
    }
    switch (type.asPrimitiveType().getPrimitiveTypeName()) {
      case BOOLEAN -> group.add(i, value.booleanValue());
      case INT32 -> group.add(i, value.intValue());
      case INT64 -> group.add(i, value.longValue());
      case FLOAT -> group.add(i, (float) number(value));
      case DOUBLE -> group.add(i, number(value));
      default -> group.add(i, bytes(value));
    }
  }

  private static JsonNode number(double value) {
    return Double.isFinite(value) ? JSON.numberNode(value) : JSON.textNode(Double.toString(value));
  }

  private static JsonNode one(Group group, int i, int at) {
    Type type = group.getType().getType(i);
    if (!type.isPrimitive()) return told(group.getGroup(i, at));
    return switch (type.asPrimitiveType().getPrimitiveTypeName()) {
      case BOOLEAN -> JSON.booleanNode(group.getBoolean(i, at));
      case INT32 -> JSON.numberNode(group.getInteger(i, at));
      case INT64 -> JSON.numberNode(group.getLong(i, at));
      case FLOAT -> number(group.getFloat(i, at));
      case DOUBLE -> number(group.getDouble(i, at));
      case INT96 -> JSON.textNode(HEX.formatHex(group.getInt96(i, at).getBytes()));
      default -> JSON.textNode(HEX.formatHex(group.getBinary(i, at).getBytes()));
    };
  }

  private static ArrayNode told(Group group) {
    ArrayNode fields = JSON.arrayNode();
    for (int i = 0; i < group.getType().getFieldCount(); i++) {
      int count = group.getFieldRepetitionCount(i);
      if (group.getType().getType(i).isRepetition(Type.Repetition.REPEATED)) {
        ArrayNode items = fields.addArray();
        for (int at = 0; at < count; at++) items.add(one(group, i, at));
      } else {
        fields.add(count == 0 ? JSON.nullNode() : one(group, i, 0));
      }
    }
    return fields;
  }

  // ---- requests ----

  private static FileEncryptionProperties encryption(JsonNode wish) {
    FileEncryptionProperties.Builder builder = FileEncryptionProperties.builder("0123456789abcdef".getBytes(StandardCharsets.UTF_8))
        .withAlgorithm(ParquetCipher.valueOf(wish.get("algorithm").textValue()));
    return (wish.path("plain_footer").asBoolean(false) ? builder.withPlaintextFooter() : builder).build();
  }

  private static JsonNode write(JsonNode wish) throws IOException {
    MessageType schema = MessageTypeParser.parseMessageType(wish.get("schema").textValue());
    Path path = Paths.get(wish.get("path").textValue());
    Files.deleteIfExists(path);
    ExampleParquetWriter.Builder builder = ExampleParquetWriter.builder(new LocalOutputFile(path)).withType(schema)
        .withConf(SETTINGS)
        .withWriterVersion(WriterVersion.fromString(wish.path("version").asText("v1")))
        .withDictionaryPageSize(wish.path("dictionary_bytes").asInt(1 << 20))
        .withPageSize(wish.path("page_bytes").asInt(1 << 20))
        .withPageRowCountLimit(wish.path("page_rows").asInt(20000))
        .withRowGroupRowCountLimit(wish.path("group_rows").asInt(1 << 20))
        .withMinRowCountForPageSizeCheck(wish.path("check_rows").asInt(100))
        .withStatisticsEnabled(wish.path("statistics").asBoolean(true))
        .withPageWriteChecksumEnabled(wish.path("checksums").asBoolean(true));
    for (Map.Entry<String, JsonNode> column : wish.path("columns").properties()) {
      String name = column.getKey();
      JsonNode own = column.getValue();
      builder = builder.withCompressionCodec(name, CompressionCodecName.valueOf(own.path("codec").asText("UNCOMPRESSED")))
          .withDictionaryEncoding(name, own.path("dictionary").asBoolean(true))
          .withByteStreamSplitEncoding(name, own.path("split").asBoolean(false))
          .withBloomFilterEnabled(name, own.path("bloom_filter").asBoolean(false))
          .withBloomFilterNDV(name, 1000);
    }
    if (wish.has("encryption"))
      builder = builder.withEncryption(encryption(wish.get("encryption")));
    try (ParquetWriter<Group> writer = builder.build()) {
      for (JsonNode row : wish.get("rows")) {
        Group group = new SimpleGroup(schema);
        fill(group, row);
        writer.write(group);
      }
    }
    return JSON.objectNode();
  }

  private static final class Rows extends ParquetReader.Builder<Group> {
    Rows(InputFile file) {
      super(file);
    }

    @Override
    protected ReadSupport<Group> getReadSupport() {
      return new GroupReadSupport();
    }
  }

  private static JsonNode read(InputFile file) throws IOException {
    ObjectNode answer = JSON.objectNode();
    ArrayNode rows = answer.putArray("rows");
    try (ParquetFileReader reader = ParquetFileReader.open(file, HadoopReadOptions.builder(SETTINGS).build())) {
      answer.put("schema", reader.getFileMetaData().getSchema().toString());
    }
    try (ParquetReader<Group> reader = new Rows(file).withConf(SETTINGS).usePageChecksumVerification(true).build()) {
      for (Group row = reader.read(); row != null; row = reader.read()) rows.add(told(row));
    }
    return answer;
  }

  private static <T extends Comparable<T>, C extends Column<T> & SupportsLtGt> FilterPredicate
      condition(String op, C column, T value) {
    return switch (op) {
      case "lt" -> lt(column, value);
      case "gt" -> gt(column, value);
      default -> eq((Column<T> & SupportsEqNotEq) column, value);
    };
  }

  private static FilterPredicate condition(MessageType schema, JsonNode wish) {
    String name = wish.get("column").textValue(), op = wish.get("op").textValue();
    JsonNode value = wish.get("value");
    return switch (schema.getType(name).asPrimitiveType().getPrimitiveTypeName()) {
      case INT32 -> condition(op, intColumn(name), value.intValue());
      case INT64 -> condition(op, longColumn(name), value.longValue());
      case DOUBLE -> condition(op, doubleColumn(name), number(value));
      default -> condition(op, binaryColumn(name), bytes(value));
    };
  }

  private static JsonNode count(InputFile file, JsonNode wish) throws IOException {
    FilterPredicate condition;
    Set<String> use = new HashSet<>();
    wish.get("use").forEach(name -> use.add(name.textValue()));
    try (ParquetFileReader reader = ParquetFileReader.open(file, HadoopReadOptions.builder(SETTINGS).build())) {
      condition = condition(reader.getFileMetaData().getSchema(), wish);
    }
    ParquetReadOptions options = HadoopReadOptions.builder(SETTINGS).withRecordFilter(FilterCompat.get(condition))
        .useStatsFilter(use.contains("stats")).useDictionaryFilter(use.contains("dictionary"))
        .useBloomFilter(use.contains("bloom")).useColumnIndexFilter(use.contains("index")).build();
    try (ParquetFileReader reader = ParquetFileReader.open(file, options)) {
      return JSON.objectNode().put("groups", reader.getRowGroups().size()).put("rows", reader.getRecordCount())
          .put("rows_by_index", reader.getFilteredRecordCount());
    }
  }

  private static JsonNode answer(JsonNode wish) {
    try {
      InputFile file = new LocalInputFile(Paths.get(wish.get("path").textValue()));
      return switch (wish.get("do").textValue()) {
        case "write" -> write(wish);
        case "read" -> read(file);
        default -> count(file, wish);
      };
    } catch (Exception | LinkageError error) {
      return JSON.objectNode().put("error", error.toString());
    }
  }

  public static void main(String[] words) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    System.setOut(System.err);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.println(mapper.writeValueAsString(answer(mapper.readTree(line))));
      out.flush();
    }
  }
}
