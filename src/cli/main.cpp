#include <cstdio>
int main() {
  std::puts("zhili");
  return 0;
}
