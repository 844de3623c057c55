// SPDX-License-Identifier: Apache-2.0
// Sums the columns of numbers of a Parquet file, from C++: what the library gives is held by
// unique_ptr, and a status becomes an exception.
//
//   c++ totals.cpp -o totals $(pkg-config --cflags --libs shukei)
//   ./totals FILE.parquet
#include <shukei/parquet.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace
{

struct Close {
  void operator()(shukei_parquet_file *file) const
  {
    shukei_parquet_close(file);
  }
  void operator()(shukei_parquet_reader *reader) const
  {
    shukei_parquet_reader_close(reader);
  }
};
using File = std::unique_ptr<shukei_parquet_file, Close>;
using Reader = std::unique_ptr<shukei_parquet_reader, Close>;

void must(shukei_status status, const shukei_error &error)
{
  if (status != SHUKEI_OK)
    throw std::runtime_error(std::string(error.text) + " (" + shukei_status_name(status) + ")");
}

File open_file(const char *path)
{
  shukei_error error;
  shukei_parquet_file *file = nullptr;
  must(shukei_parquet_open(path, 0, &file, &error), error);
  return File(file);
}

Reader open_reader(const File &file, size_t group, size_t column)
{
  shukei_error error;
  shukei_parquet_reader *reader = nullptr;
  must(shukei_parquet_reader_open(file.get(), group, column, &reader, &error), error);
  return Reader(reader);
}

double total_of(const File &file, size_t column)
{
  std::vector<double> values(4096);
  double total = 0;
  for (size_t group = 0; group < shukei_parquet_group_count(file.get()); group++) {
    const Reader reader = open_reader(file, group, column);
    for (size_t rows = 1; rows > 0;) {
      shukei_error error;
      must(shukei_parquet_read_doubles(reader.get(), values.size(), values.data(), nullptr, &rows,
                                       &error),
           error);
      for (size_t i = 0; i < rows; i++) // a null is 0
        total += values[i];
    }
  }
  return total;
}

} // namespace

int main(int argc, char **argv)
try {
  if (argc != 2) {
    std::fprintf(stderr, "usage: totals FILE.parquet\n");
    return 2;
  }
  const File file = open_file(argv[1]);
  for (size_t i = 0; i < shukei_parquet_column_count(file.get()); i++) {
    const shukei_parquet_column *column = shukei_parquet_column_at(file.get(), i);
    if (column->kinds & SHUKEI_PARQUET_DOUBLES)
      std::printf("%s\t%.17g\n", column->name, total_of(file, i));
  }
  return 0;
} catch (const std::exception &error) {
  std::fprintf(stderr, "totals: %s\n", error.what());
  return 1;
}
