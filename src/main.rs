fn main() -> std::process::ExitCode {
    pixora::cli::main()
}
