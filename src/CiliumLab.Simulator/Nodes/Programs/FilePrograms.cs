using System.Globalization;
using System.Text;
using CiliumLab.Simulator.Nodes.Files;

namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary><c>cat</c>.</summary>
internal sealed class CatProgram() : ImmediateProgram("/usr/bin/cat", "/bin/cat")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var options = Options.Read(call, "n|number");
        var code = 0;
        var number = 0;
        foreach (var operand in options.Operands.Count == 0 ? ["-"] : options.Operands)
        {
            try
            {
                var content = operand == "-" ? call.Input.ToArray() : call.Node.Files.Read(call.PathOf(operand), call.User);
                if (!options.Has("n"))
                {
                    call.Output.Write(content);
                    continue;
                }

                foreach (var line in Encoding.UTF8.GetString(content).TrimEnd('\n').Split('\n'))
                    call.Line($"{++number,6}\t{line}");
            }
            catch (KernelException error)
            {
                code = call.Complain($"cat: {operand}: {error.Errno.Text()}");
            }
        }

        return code;
    }
}

/// <summary><c>tee</c>.</summary>
internal sealed class TeeProgram() : ImmediateProgram("/usr/bin/tee")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var options = Options.Read(call, "a|append i|ignore-interrupts");
        var code = 0;
        call.Output.Write(call.Input.Span);
        foreach (var operand in options.Operands)
        {
            try
            {
                call.Node.Files.Write(call.PathOf(operand), call.Input.ToArray(), call.User, options.Has("a"));
            }
            catch (KernelException error)
            {
                code = call.Complain($"tee: {operand}: {error.Errno.Text()}");
            }
        }

        return code;
    }
}

/// <summary><c>head</c> and <c>tail</c>.</summary>
internal sealed class HeadTailProgram() : ImmediateProgram("/usr/bin/head", "/usr/bin/tail")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        // head -1 is head -n 1
        var words = call.Arguments.SelectMany(word => word.Length > 1 && word[0] == '-' && char.IsAsciiDigit(word[1]) ? ["-n", word[1..]] : (string[])[word]);
        var options = Options.Read(call with { Arguments = [.. words] }, "n|lines= c|bytes= q|quiet v|verbose f|follow");
        if (options.Has("f"))
            throw new ProgramException(1, $"{call.Name}: a simulated file does not grow; read it without -f\n");
        var head = call.Name.EndsWith("head", StringComparison.Ordinal);
        var code = 0;
        var operands = options.Operands.Count == 0 ? ["-"] : options.Operands;
        var first = true;
        foreach (var operand in operands)
        {
            try
            {
                var content = operand == "-" ? call.Input.ToArray() : call.Node.Files.Read(call.PathOf(operand), call.User);
                if (operands.Count > 1)
                    call.Line($"{(first ? "" : "\n")}==> {operand} <==");
                first = false;
                if (options.Value("c") is { } bytes)
                    call.Output.Write(Cut(call, content, bytes, head));
                else
                    PrintLines(call, content, options.Value("n") ?? "10", head);
            }
            catch (KernelException error)
            {
                code = call.Complain($"{call.Name}: cannot open '{operand}' for reading: {error.Errno.Text()}");
            }
        }

        return code;
    }

    private static void PrintLines(ProgramCall call, byte[] content, string count, bool head)
    {
        string[] lines = Encoding.UTF8.GetString(content) is { Length: > 0 } text ? text.Split('\n') : [];
        var whole = lines.Length > 0 && lines[^1].Length == 0;
        if (whole)
            lines = lines[..^1];
        var number = Number(call, count, "lines");
        var shown = head ? number < 0 ? lines.SkipLast(-number) : lines.Take(number) : count.StartsWith('+') ? lines.Skip(Math.Max(0, number - 1)) : lines.TakeLast(Math.Abs(number));
        var list = shown.ToArray();
        for (var index = 0; index < list.Length; index++)
            call.Print(list[index] + (index == list.Length - 1 && !whole && list[index] == lines[^1] ? "" : "\n"));
    }

    private static ReadOnlySpan<byte> Cut(ProgramCall call, byte[] content, string count, bool head)
    {
        var number = Number(call, count, "bytes");
        return head ? content.AsSpan(0, Math.Clamp(number < 0 ? content.Length + number : number, 0, content.Length))
            : count.StartsWith('+') ? content.AsSpan(Math.Clamp(number - 1, 0, content.Length)) : content.AsSpan(Math.Max(0, content.Length - Math.Abs(number)));
    }

    private static int Number(ProgramCall call, string text, string what) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ProgramException(1, $"{call.Name}: invalid number of {what}: '{text}'\n");
}

/// <summary><c>mv</c>, <c>rm</c>, <c>mkdir</c>, <c>rmdir</c>, <c>touch</c>, <c>cp</c>, <c>ln</c>, <c>chmod</c> and <c>chown</c>.</summary>
internal sealed class ChangeFileProgram() : ImmediateProgram(
    "/usr/bin/mv", "/usr/bin/rm", "/usr/bin/mkdir", "/usr/bin/rmdir", "/usr/bin/touch", "/usr/bin/cp", "/usr/bin/ln", "/usr/bin/chmod", "/usr/bin/chown")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call) => call.Name[(call.Name.LastIndexOf('/') + 1)..] switch
    {
        "mv" => Move(call),
        "rm" => Each(call, Options.Read(call, "r|R|recursive f|force d|dir v|verbose"), Remove, needed: "missing operand"),
        "mkdir" => Each(call, Options.Read(call, "p|parents m|mode= v|verbose"), MakeFolder, needed: "missing operand"),
        "rmdir" => Each(call, Options.Read(call, "p|parents"), RemoveFolder, needed: "missing operand"),
        "touch" => Each(call, Options.Read(call, "c|no-create d|date= t="), Touch, needed: "missing file operand"),
        "cp" => Copy(call),
        "ln" => Link(call),
        "chmod" => ChangeMode(call),
        _ => ChangeOwner(call),
    };

    private static int Each(ProgramCall call, Options options, Func<ProgramCall, Options, string, int> change, string needed)
    {
        if (options.Operands.Count == 0)
            return options.Has("f") ? 0 : throw Options.Usage(call, needed);
        return options.Operands.Select(operand => change(call, options, operand)).ToArray().Max();
    }

    private static int Remove(ProgramCall call, Options options, string operand)
    {
        var path = call.PathOf(operand);
        if (call.Node.Files.Find(path, follow: false) is not { } entry)
            return options.Has("f") ? 0 : call.Complain($"rm: cannot remove '{operand}': No such file or directory");
        if (entry is Folder && !options.Has("r") && !options.Has("d"))
            return call.Complain($"rm: cannot remove '{operand}': Is a directory");
        return Try(call, $"rm: cannot remove '{operand}'", () =>
        {
            if (options.Has("r"))
                RemoveTree(call, path, entry);
            else
                call.Node.Files.Remove(path, call.User);
        });
    }

    private static void RemoveTree(ProgramCall call, string path, FileEntry entry)
    {
        if (entry is Folder folder)
        {
            foreach (var child in folder.Entries.ToArray())
                RemoveTree(call, $"{path.TrimEnd('/')}/{child.Name}", child);
        }

        call.Node.Files.Remove(path, call.User);
    }

    private static int MakeFolder(ProgramCall call, Options options, string operand) => Try(call, $"mkdir: cannot create directory '{operand}'", () =>
    {
        var path = call.PathOf(operand).TrimEnd('/');
        var mode = options.Value("m") is { } text ? Convert.ToInt32(text, 8) : Convert.ToInt32("755", 8);
        if (!options.Has("p"))
        {
            call.Node.Files.MakeFolder(path, call.User, mode);
            return;
        }

        var made = "";
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            made += "/" + part;
            switch (call.Node.Files.Find(made))
            {
                case null:
                    call.Node.Files.MakeFolder(made, call.User, mode);
                    break;
                case not Folder:
                    throw new KernelException(made == path ? Errno.Exists : Errno.NotDirectory);
            }
        }
    });

    private static int RemoveFolder(ProgramCall call, Options options, string operand) => Try(call, $"rmdir: failed to remove '{operand}'", () =>
    {
        if (call.Node.Files.Get(call.PathOf(operand), follow: false) is not Folder)
            throw new KernelException(Errno.NotDirectory);
        call.Node.Files.Remove(call.PathOf(operand), call.User);
    });

    private static int Touch(ProgramCall call, Options options, string operand) => Try(call, $"touch: cannot touch '{operand}'", () =>
    {
        if (call.Node.Files.Find(call.PathOf(operand)) is { } entry)
            entry.ModifiedAt = call.Now;
        else if (!options.Has("c"))
            call.Node.Files.Write(call.PathOf(operand), [], call.User);
    });

    private static int Move(ProgramCall call)
    {
        var options = Options.Read(call, "f|force n|no-clobber v|verbose T|no-target-directory");
        if (options.Operands.Count == 0)
            throw Options.Usage(call, "missing file operand");
        if (options.Operands.Count == 1)
            throw Options.Usage(call, $"missing destination file operand after '{options.Operands[0]}'");
        var code = 0;
        foreach (var source in options.Operands.SkipLast(1))
        {
            var to = Target(call, source, options.Operands[^1]);
            if (call.Node.Files.Find(call.PathOf(source), follow: false) is null)
                code = call.Complain($"mv: cannot stat '{source}': No such file or directory");
            else
                code = Math.Max(code, Try(call, $"mv: cannot move '{source}' to '{options.Operands[^1]}'", () => call.Node.Files.Rename(call.PathOf(source), to, call.User)));
        }

        return code;
    }

    private static int Copy(ProgramCall call)
    {
        var options = Options.Read(call, "p a|archive f|force r|R|recursive v|verbose");
        if (options.Operands.Count == 0)
            throw Options.Usage(call, "missing file operand");
        if (options.Operands.Count == 1)
            throw Options.Usage(call, $"missing destination file operand after '{options.Operands[0]}'");
        var code = 0;
        foreach (var source in options.Operands.SkipLast(1))
        {
            var to = Target(call, source, options.Operands[^1]);
            switch (call.Node.Files.Find(call.PathOf(source)))
            {
                case null:
                    code = call.Complain($"cp: cannot stat '{source}': No such file or directory");
                    break;
                case Folder when !options.Has("r") && !options.Has("a"):
                    code = call.Complain($"cp: -r not specified; omitting directory '{source}'");
                    break;
                case var entry:
                    code = Math.Max(code, Try(call, $"cp: cannot create regular file '{options.Operands[^1]}'", () => CopyEntry(call, entry, to, options.Has("p") || options.Has("a"))));
                    break;
            }
        }

        return code;
    }

    private static void CopyEntry(ProgramCall call, FileEntry entry, string to, bool keep)
    {
        if (entry is Folder folder)
        {
            if (call.Node.Files.Find(to) is null)
                call.Node.Files.MakeFolder(to, call.User);
            foreach (var child in folder.Entries.ToArray())
                CopyEntry(call, child, $"{to.TrimEnd('/')}/{child.Name}", keep);
            return;
        }

        call.Node.Files.Write(to, ((RegularFile)entry).Content, call.User);
        var made = call.Node.Files.Get(to);
        made.Mode = entry.Mode;
        if (keep)
            (made.Owner, made.Group, made.ModifiedAt) = (entry.Owner, entry.Group, entry.ModifiedAt);
    }

    private static int Link(ProgramCall call)
    {
        var options = Options.Read(call, "s|symbolic f|force n|no-dereference");
        if (options.Operands.Count != 2 || !options.Has("s"))
            throw Options.Usage(call, options.Operands.Count < 2 ? "missing file operand" : "hard links are not simulated; use -s");
        var path = Target(call, options.Operands[0], options.Operands[1]);
        return Try(call, $"ln: failed to create symbolic link '{options.Operands[1]}'", () =>
        {
            if (options.Has("f") && call.Node.Files.Find(path, follow: false) is not null)
                call.Node.Files.Remove(path, call.User);
            call.Node.Files.MakeLink(path, options.Operands[0], call.User);
        });
    }

    private static int ChangeMode(ProgramCall call)
    {
        var options = Options.Read(call, "R|recursive v|verbose");
        if (options.Operands.Count < 2)
            throw Options.Usage(call, options.Operands.Count == 0 ? "missing operand" : $"missing operand after '{options.Operands[0]}'");
        var text = options.Operands[0];
        var letters = text is "+x" or "a+x";
        if (!letters && (text.Length > 4 || !text.All(letter => letter is >= '0' and <= '7')))
            throw Options.Usage(call, $"invalid mode: '{text}'");
        return options.Operands.Skip(1).Select(operand => ChangeEntry(call, "chmod", operand, "changing permissions of", entry =>
            entry.Mode = letters ? entry.Mode | Convert.ToInt32("111", 8) : Convert.ToInt32(text, 8))).ToArray().Max();
    }

    private static int ChangeOwner(ProgramCall call)
    {
        var options = Options.Read(call, "R|recursive v|verbose");
        if (options.Operands.Count < 2)
            throw Options.Usage(call, options.Operands.Count == 0 ? "missing operand" : $"missing operand after '{options.Operands[0]}'");
        var parts = options.Operands[0].Split(':');
        if (NodeUser.Find(parts[0]) is null)
            return call.Complain($"chown: invalid user: '{options.Operands[0]}'");
        return options.Operands.Skip(1).Select(operand => ChangeEntry(call, "chown", operand, "changing ownership of", entry =>
            (entry.Owner, entry.Group) = (parts[0], parts.Length > 1 ? parts[1] : entry.Group))).ToArray().Max();
    }

    private static int ChangeEntry(ProgramCall call, string program, string operand, string what, Action<FileEntry> change)
    {
        if (call.Node.Files.Find(call.PathOf(operand)) is not { } entry)
            return call.Complain($"{program}: cannot access '{operand}': No such file or directory");
        if (!call.User.IsRoot && entry.Owner != call.User.Name)
            return call.Complain($"{program}: {what} '{operand}': Operation not permitted");
        change(entry);
        return 0;
    }

    private static string Target(ProgramCall call, string source, string target)
    {
        var path = call.PathOf(target);
        return call.Node.Files.Find(path) is Folder ? $"{path.TrimEnd('/')}/{source.TrimEnd('/')[(source.TrimEnd('/').LastIndexOf('/') + 1)..]}" : path;
    }

    private static int Try(ProgramCall call, string what, Action change)
    {
        try
        {
            change();
            return 0;
        }
        catch (KernelException error)
        {
            return call.Complain($"{what}: {error.Errno.Text()}");
        }
    }
}
