namespace CiliumLab.Simulator.Life;

/// <summary>A library that a program is linked with.</summary>
/// <param name="Name">The name that it is asked for by.</param>
/// <param name="Size">The file's size in bytes.</param>
/// <param name="Code">Pages of code.</param>
/// <param name="Constants">Pages that are only read, behind the code.</param>
/// <param name="Data">Pages that are written, behind those.</param>
internal sealed record SharedLibrary(string Name, int Size, int Code, int Constants, int Data)
{
    /// <summary>Pages before the code: the head, the symbols and the relocations.</summary>
    public int Head => Math.Max(1, (Size / 4096) - Code - Constants - Data);

    /// <summary>Pages of data that are all zero at the start and not in the file.</summary>
    public int Zeroes { get; init; }
}

/// <summary>How programs of Alpine Linux begin and end: what musl 1.2 asks for them (its ldso/dynlink.c).</summary>
/// <param name="process">The process.</param>
internal sealed class MuslProgram(TracedProcess process)
{
    /// <summary>The error of what is not there.</summary>
    public const string NotThere = "ENOENT (No such file or directory)";

    private const string Reading = "O_RDONLY|O_LARGEFILE";

    // Where the loader looks when /etc/ld-musl-x86_64.path does not say; Alpine has all libraries in the last.
    private static readonly string[] Folders = ["/lib", "/usr/local/lib", "/usr/lib"];

    /// <summary>The program is loaded, and the libraries behind it.</summary>
    public void Start(string path, IReadOnlyList<string> arguments, int variables, IReadOnlyList<SharedLibrary> libraries)
    {
        var words = new List<CallValue> { "[" };
        foreach (var (number, word) in arguments.Index())
            words.AddRange(number == 0 ? [CallValue.Name(word)] : [", ", CallValue.Name(word)]);
        process.Call("execve", [CallValue.Name(path), CallValue.Together([.. words, "]"]), CallValue.Together(process.OnStack(0x2a38), $" /* {variables} vars */")]);
        var library = process.Reserve(170);
        process.Call("arch_prctl", ["ARCH_SET_FS", CallValue.At(TracedProcess.Behind(library, 166) + 0xb08)]);
        process.Call("set_tid_address", [CallValue.At(TracedProcess.Behind(library, 166) + 0xf70)], process.Id);
        process.MoveBreak(0);
        process.MoveBreak(2);
        process.Call("mmap", [CallValue.At(process.Break - 0x2000), 4096, "PROT_NONE", "MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS", -1, 0], CallValue.At(process.Break - 0x2000));
        if (libraries.Count > 0)
            Missing("/etc/ld-musl-x86_64.path", closesOnExec: true);
        var sealedAt = new List<ulong>();
        foreach (var one in libraries)
            sealedAt.Add(Load(one));

        // What relocations were written to is not written any more.
        sealedAt.AddRange([TracedProcess.Behind(library, 165), process.Break - 0x8000]);
        foreach (var address in sealedAt)
            process.Call("mprotect", [CallValue.At(address), 4096, "PROT_READ"]);
    }

    /// <summary>Opens a file that is there.</summary>
    public CallDescriptor Open(string path, bool closesOnExec = false)
    {
        var opened = process.Take(new OpenFile(path, path));
        process.Call("open", [CallValue.Name(path), Flags(closesOnExec)], opened);
        if (closesOnExec)
            process.Call("fcntl", [opened, "F_SETFD", "FD_CLOEXEC"]);
        return opened;
    }

    /// <summary>Looks for a file that is not there.</summary>
    public void Missing(string path, bool closesOnExec = false) => process.Call("open", [CallValue.Name(path), Flags(closesOnExec)], null, NotThere);

    /// <summary>The process ends by itself.</summary>
    public void End(int code) => process.Call("exit_group", [code], "?");

    private static string Flags(bool closesOnExec) => closesOnExec ? Reading + "|O_CLOEXEC" : Reading;

    private ulong Load(SharedLibrary library)
    {
        foreach (var folder in Folders[..^1])
            Missing($"{folder}/{library.Name}", closesOnExec: true);
        var file = Open($"{Folders[^1]}/{library.Name}", closesOnExec: true);
        process.Call("fstat", [file, $"{{st_mode=S_IFREG|0755, st_size={library.Size}, ...}}"]);

        // The head of a shared object for this processor, and how many bytes the loader reads at first.
        byte[] head = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 62, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64];
        process.Call("read", [file, new CallBytes(head.Concat(new byte[960 - head.Length]).ToArray()), 960], 960, bytes: 960);
        var at = process.Reserve(library.Head + library.Code + library.Constants + library.Data + library.Zeroes);
        process.Call("mmap", ["NULL", TracedProcess.Bytes(library.Head + library.Code + library.Constants + library.Data + library.Zeroes), "PROT_READ", "MAP_PRIVATE", file, 0], CallValue.At(at));
        var offset = library.Head;
        foreach (var (pages, protection) in ((int, string)[])[(library.Code, "PROT_READ|PROT_EXEC"), (library.Constants, "PROT_READ"), (library.Data, "PROT_READ|PROT_WRITE")])
        {
            var place = CallValue.At(TracedProcess.Behind(at, offset));
            process.Call("mmap", [place, TracedProcess.Bytes(pages), protection, "MAP_PRIVATE|MAP_FIXED", file, CallValue.At((ulong)offset * 4096)], place);
            offset += pages;
        }

        if (library.Zeroes > 0)
        {
            var place = CallValue.At(TracedProcess.Behind(at, offset));
            process.Call("mmap", [place, TracedProcess.Bytes(library.Zeroes), "PROT_READ|PROT_WRITE", "MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS", -1, 0], place);
        }

        process.Close(file.Number);
        return TracedProcess.Behind(at, offset - library.Data);
    }
}
